"""Runs one command in a tree and tells, as JSON, what it and all that it started cost.

    spend.py ROOT OUTPUT COMMAND...

It is the first process of its namespace: orphans come to it, and the command is over when they are too.
"""

import json
import os
import resource  # noqa: F401 (wait4 answers with it, and in the tree it is out of reach)
import sys
import time

root, output, *argv = sys.argv[1:]
said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC)
os.chroot(root)
os.chdir("/")
path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
started = time.monotonic()
actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
actions += [(os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
environ = {"PATH": path, "LANG": "C.UTF-8", "HOME": "/root"}
child = os.posix_spawn(argv[0], argv, environ, file_actions=actions, setsid=True)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
wall = time.monotonic() - started
with open(f"/proc/{child}/schedstat") as spent:  # of its main thread alone, without its children
    own = int(spent.read().split()[0]) / 1e9
code = peak = 0
cpu = 0.0
while True:
    try:
        pid, status, used = os.wait4(-1, 0)
    except ChildProcessError:
        break
    peak, cpu = max(peak, used.ru_maxrss), cpu + used.ru_utime + used.ru_stime
    if pid == child:
        code = os.waitstatus_to_exitcode(status)
print(json.dumps({"code": code, "wall": wall, "own": own, "cpu": cpu, "rss": peak / 1024}))
