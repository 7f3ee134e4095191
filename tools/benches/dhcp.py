"""dhcp: how long from a link that is up to a lease, of our own client and of others, one after the other in one run.

    sudo python -m tools.benches.dhcp [--rounds 20]

Each round has two network namespaces of its own, a cable, and a dnsmasq that answers at once. A client's time goes from
its start, with the link up and carrying, to the lease: for a program that is until it has come back, as whoever needs
its lease must wait; for our own client it is what a running agent spends, its imports included, in a new process each
time. `python` is our own client as a program by itself, with the interpreter's start. Needs root, dnsmasq, and for the
comparison dhclient, udhcpc and dhcpcd, as far as they are there.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from tests.ephemeral.servers import dnsmasq
from tests.namespaces import LIBC, NEW_NETWORK, namespaces

TOP = Path(__file__).resolve().parents[2]
OURS = """
from cloudboot.ephemeral.network import Network
from cloudboot.values import FileView

with Network(FileView(), lambda kept: None, lambda what: None) as network:
    assert network.next(False) and network.lease, network.why
"""
Spent = Tuple[float, float]
"""Seconds on the clock, and of processor time."""


def lease() -> None:
    """What `OURS` does."""
    from cloudboot.ephemeral.network import Network
    from cloudboot.values import FileView

    with Network(FileView(), lambda kept: None, lambda what: None) as network:
        assert network.next(False) and network.lease, network.why


def agent(net: Any, folder: Path) -> Spent:
    """Our own client in a running agent."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            LIBC.setns(net.fd, NEW_NETWORK)

            begin, busy = time.perf_counter(), time.process_time()
            lease()
            os.write(writing, f"{time.perf_counter() - begin} {time.process_time() - busy}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        wall, busy = map(float, told.read().split())
    return wall, busy


def program(*words: str) -> Callable[[Any, Path], Spent]:
    """A program, by its words; FOLDER in them is a folder of its own."""

    def run(net: Any, folder: Path) -> Spent:
        argv = net.command([word.replace("FOLDER", str(folder)) for word in words])
        begin, before = time.perf_counter(), children()
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd=TOP)  # fmt: skip
        wall, busy = time.perf_counter() - begin, children() - before
        if words[0] == "dhclient":
            end(folder / "dhclient.pid")
        return wall, busy

    return run


def end(pid: Path) -> None:
    """Ends what has gone into the background, which writes down its number when it has."""
    for _ in range(500):
        if pid.exists() and pid.read_text().strip():
            os.kill(int(pid.read_text()), signal.SIGKILL)
            return
        time.sleep(0.01)


def children() -> float:
    """The processor time of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clients(folder: Path) -> Dict[str, Callable[[Any, Path], Spent]]:
    """Those that are here. None of them is made to do more than get the lease: their hooks do nothing."""
    nothing = folder / "nothing"
    nothing.write_text("#!/bin/sh\nexit 0\n")
    nothing.chmod(0o755)
    found = {"agent": agent, "python": program(sys.executable, "-c", OURS)}
    if shutil.which("dhclient"):
        found["dhclient"] = program("dhclient", "-1", "-4", "-q", "-sf", str(nothing), "-lf", "FOLDER/leases",
                                    "-cf", "/dev/null", "-pf", "FOLDER/dhclient.pid", "eth0")  # fmt: skip
    if shutil.which("udhcpc"):
        found["udhcpc"] = program("udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", str(nothing))
    if shutil.which("dhcpcd"):
        found["dhcpcd"] = program("dhcpcd", "-1", "-4", "-A", "-c", str(nothing), "-f", "/dev/null", "eth0")
    return found


def measure(run: Callable[[Any, Path], Spent]) -> Spent:
    """One round."""
    with namespaces() as (here, there), tempfile.TemporaryDirectory() as folder:
        here.wire(there)
        here.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1")
        dnsmasq(there)
        here.run("ip link set eth0 up")
        here.await_carrier("eth0")
        there.await_carrier("srv0")
        return run(here, Path(folder))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=20)
    rounds = words.parse_args().rounds
    compileall.compile_dir(str(TOP / "cloudboot"), quiet=1)  # as an installation is
    with tempfile.TemporaryDirectory() as folder:
        there = clients(Path(folder))
        spent: Dict[str, List[Spent]] = {name: [] for name in there}
        for _ in range(rounds):
            for name, run in there.items():
                spent[name].append(measure(run))
    print(f"{'':<10}{'median':>10}{'least':>10}{'most':>10}{'cpu':>10}   ms, {rounds} rounds")
    for name, times in sorted(spent.items(), key=lambda pair: statistics.median(w for w, _ in pair[1])):
        walls = [wall * 1000 for wall, _ in times]
        busy = statistics.median(busy * 1000 for _, busy in times)
        print(f"{name:<10}{statistics.median(walls):>10.1f}{min(walls):>10.1f}{max(walls):>10.1f}{busy:>10.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
