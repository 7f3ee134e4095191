"""Boots a throw-away tree from a metadata service on loopback, twice, and shows what came of it."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading

META_DATA = """instance-id: i-demo-1
local-hostname: demo.example.com
public-keys:
- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDemoDemoDemoDemoDemoDemoDemoDemoDemoDemoDemo owner@example.com
"""
USER_DATA = """#cloud-config
users:
- default
- name: web
  gecos: Web master
  sudo: ALL=(ALL) NOPASSWD:ALL
  ssh_authorized_keys:
  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIWebWebWebWebWebWebWebWebWebWebWebWebWebW web@example.com
timezone: Europe/Berlin
write_files:
- path: /etc/motd
  content: |
    Welcome to the demo.
- path: /srv/www/index.html
  permissions: '0640'
  content: <h1>It works</h1>
runcmd:
- systemctl restart web
final_message: the demo is up after $UPTIME seconds
"""
TREE = {
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"\n',
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
    "etc/group": "root:x:0:\nsudo:x:27:\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/motd": "An image's own message.\n",
    "usr/share/zoneinfo/Europe/Berlin": "TZif",
    "etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n",
    "etc/network/interfaces": "auto lo\niface lo inet loopback\n",
    "sbin/ifup": "",
    "sbin/ifdown": "",
    "sbin/ifquery": "",
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


def write(folder, files):
    for path, text in files.items():
        at = os.path.join(folder, path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "w") as file:
            file.write(text)


def say(title):
    print(f"\n\033[1m== {title}\033[0m" if sys.stdout.isatty() else f"\n== {title}", flush=True)


def cloudboot(root, *words):
    argv = [sys.executable, "-m", "cloudboot", "--root", root, *words]
    print(f"$ cloudboot --root {root} {' '.join(words)}", flush=True)
    return subprocess.run(argv, check=False).returncode


def main():
    keep = "--keep" in sys.argv
    top = tempfile.mkdtemp(prefix="cloudboot-demo-")
    root = os.path.join(top, "machine")
    write(root, TREE)
    write(os.path.join(top, "cloud"), {"meta-data": META_DATA, "user-data": USER_DATA, "vendor-data": ""})
    handler = functools.partial(Quiet, directory=os.path.join(top, "cloud"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as cloud:
        threading.Thread(target=cloud.serve_forever, daemon=True).start()
        seed = ["--cmdline", f"ds=nocloud;s=http://127.0.0.1:{cloud.server_port}/"]
        codes = []
        say("What would this cloud and this owner do to the machine? (nothing is changed)")
        codes.append(cloudboot(root, "plan", *seed))
        say("Do it, and tell the story")
        codes.append(cloudboot(root, "--debug", "boot", *seed))
        say("Boot again: what is done is not done twice")
        codes.append(cloudboot(root, "boot", *seed))
        say("How did it go?")
        codes.append(cloudboot(root, "status", "--long"))
        say("Where does a value come from?")
        codes.append(cloudboot(root, "explain", "users", *seed))
        say("What the machine has now")
        for path in ("etc/hostname", "etc/motd", "etc/timezone", "srv/www/index.html"):
            with open(os.path.join(root, path)) as file:
                print(f"/{path}: {file.read().strip()}")
        cloud.shutdown()
    if keep:
        print(f"kept: {top}")
    else:
        shutil.rmtree(top)
    if any(code not in (0, 2) for code in codes):
        sys.exit("the demo went wrong: see above")


if __name__ == "__main__":
    main()
