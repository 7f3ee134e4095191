"""Runs in a network namespace of its own: makes cables, lets the real program read what was rendered, and prints what
the kernel then has. Reads its orders from stdin as JSON: `program`, `links`, `files`, `wanted`."""

import json
import os
import subprocess
import sys
import threading
import time

SECONDS = 20
NETWORKD = "/lib/systemd/systemd-networkd"


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **more).stdout


def seen():
    """What the kernel has, as ip(8) shows it."""
    found = {}
    for kind, argv in (("links", ["address"]), ("routes", ["route", "show", "table", "all"]), ("rules", ["rule"])):
        found[kind] = json.loads(run("ip", "-j", "-d", *argv) or "[]")
        if kind != "links":
            found[kind] += json.loads(run("ip", "-6", "-j", "-d", *argv) or "[]")
    knobs = "/proc/sys/net/ipv6/conf"
    found["accept_ra"] = {}
    for name in os.listdir(knobs):
        with open(f"{knobs}/{name}/accept_ra") as file:
            found["accept_ra"][name] = file.read().strip()
    return found


def addresses(found):
    return {
        f"{a['local']}/{a['prefixlen']}" for link in found["links"] for a in link["addr_info"] if "tentative" not in a
    }


def prepare(files, links=()):
    """A machine of its own, with these files and cables."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "sysfs", "-o", "ro", "sysfs", "/sys")  # or networkd waits for udev, which is not here
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for folder in ("/etc/systemd/network", "/etc/network"):
        if os.path.isdir(folder):
            run("mount", "-t", "tmpfs", "tmpfs", folder)
    with open("/proc/sys/net/ipv6/conf/default/accept_dad", "w") as file:
        file.write("0")
    run("ip", "link", "set", "lo", "up")
    for name, mac in dict(links).items():
        run("ip", "link", "add", name, "type", "veth", "peer", "name", f"far-{name}")
        run("ip", "link", "set", name, "address", mac)
        run("ip", "link", "set", f"far-{name}", "up")
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755 if text.startswith("#!") else 0o644)


def networkd(output, **environment):
    return subprocess.Popen([NETWORKD], stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment})


def bring_up(orders):
    """What the kernel has once every address that is wanted is there."""
    prepare(orders["files"], orders["links"])
    daemon = None
    if orders["program"] == "ifupdown":
        run("ifup", "-a", "-i", next(iter(orders["files"])))
    else:
        daemon = networkd(subprocess.DEVNULL)
    deadline = time.monotonic() + SECONDS
    while not set(orders["wanted"]) <= addresses(seen()) and time.monotonic() < deadline:
        time.sleep(0.05)
    if daemon:
        time.sleep(0.3)  # routes come after the addresses
    print(json.dumps(seen()))
    if daemon:
        daemon.kill()


def log(orders):
    """What networkd says as it reads all files."""
    prepare(orders["files"])
    daemon = networkd(subprocess.PIPE, SYSTEMD_LOG_LEVEL="debug", SYSTEMD_LOG_TARGET="console")
    timer = threading.Timer(SECONDS, daemon.kill)
    timer.start()
    for line in daemon.stdout:
        print(line.decode("utf-8", "replace"), end="")
        if b"Enumeration completed" in line:
            break
    daemon.kill()
    timer.cancel()


if __name__ == "__main__":
    (log if "--log" in sys.argv else bring_up)(json.load(sys.stdin))
