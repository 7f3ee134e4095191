"""Networks for tests: namespaces that are there as long as somebody holds them, joined by wires.

They need root, as the real thing does. Nothing of them can be left behind: a namespace goes with the last descriptor.
"""

import contextlib
import ctypes
import json
import os
import subprocess
import threading
import time

from tests import needs

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NETWORK = 0x40000000


class Namespace:
    """A network of its own. ``run`` runs a command in it, ``inside`` a function, ``start`` a server."""

    def __init__(self):
        self._servers = []
        self.fd = _in_thread(_made)
        self.path = f"/proc/{os.getpid()}/fd/{self.fd}"
        self.run("ip link set lo up")

    def inside(self, function, *args):
        """What a function returns, or raises, whose network is this one."""

        def work():
            _check(LIBC.setns(self.fd, NEW_NETWORK))
            return function(*args)

        return _in_thread(work)

    def command(self, words):
        return ["nsenter", f"--net={self.path}", *(words.split() if isinstance(words, str) else words)]

    def run(self, words, **more):
        done = subprocess.run(self.command(words), capture_output=True, text=True, **more)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def start(self, words, ready):
        """A server, once it has said that it is ``ready``; `close` ends it."""
        needs.program((words.split() if isinstance(words, str) else words)[0])
        server = subprocess.Popen(self.command(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)  # fmt: skip
        self._servers.append(server)
        said = ""
        for line in server.stdout:
            said += line
            if ready in line:
                threading.Thread(target=server.stdout.read, daemon=True).start()
                return server
        raise AssertionError(f"{words} ended: {said}")

    def stop(self, server):
        server.terminate()
        server.wait()
        self._servers.remove(server)

    def wire(self, other, here="eth0", there="srv0", mac="02:00:00:00:00:01", up=True):
        """A cable: ``here`` in this namespace, ``there`` in the other one, whose end is up."""
        self.run(f"ip link add {here} address {mac} type veth peer name {there} netns {other.path}")
        if up:
            other.run(f"ip link set {there} up")

    def await_carrier(self, name):
        """Until the kernel, which may take a second, lets packets out there."""
        while '"UP"' not in self.run(f"ip -j link show dev {name}").partition("operstate")[2][:8]:
            time.sleep(0.01)

    def picture(self):
        """Links, addresses, routes and rules, without what only counts and times."""
        seen = {}
        for what in ("link", "addr", "-4 route show table all", "-6 route show table all", "rule"):
            found = json.loads(self.run(f"ip -j {what}") or "[]")
            for entry in found:
                entry.pop("qdisc", None)  # one that was up once has another
                for address in entry.get("addr_info", ()):
                    address.pop("valid_life_time", None), address.pop("preferred_life_time", None)
            seen[what] = found
        return seen

    def close(self):
        for server in list(self._servers):
            self.stop(server)
        os.close(self.fd)


@contextlib.contextmanager
def namespaces(number=2):
    needs.root()
    needs.programs("ip")
    held = []
    try:
        for _ in range(number):
            held.append(Namespace())
        yield tuple(held)
    finally:
        for namespace in held:
            namespace.close()


def _made():
    _check(LIBC.unshare(NEW_NETWORK))
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _in_thread(function):
    """What it returns or raises: a thread can have a network of its own, which the process does not notice."""
    came = []

    def work():
        try:
            came.append((function(), None))
        except BaseException as problem:
            came.append((None, problem))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    found, problem = came[0]
    if problem is not None:
        raise problem
    return found


def _check(code):
    if code:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
