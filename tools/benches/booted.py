"""Boots in containers with systemd: what the agent's units cost, and when the machine can be used."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Mapping, Sequence

from tools.benches import work
from tools.benches.agents import AGENTS
from tools.benches.figures import Figures
from tools.boots.container import Container
from tools.boots.report import Report

USABLE = {"sshd listens": "ssh.service", "multi-user.target": "multi-user.target"}
SECOND = 1e6
"""In the microseconds of systemd's clock."""


def boots(roots: Mapping[str, Sequence[Path]], figures: Figures) -> None:
    """(b) One round: a first and a second boot of each agent, and of the system without one."""
    units = {agent.name: agent.units for agent in AGENTS}
    for name, layers in roots.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            machine = Container(layers, Path(folder))
            for path, text in work.seed().items():
                machine.put(path, text)
            for boot in ("first", "second"):
                tell(figures, f"{boot} boot in a container", name, machine.boot(), units.get(name, ()))


def tell(figures: Figures, boot: str, name: str, report: Report, units: Sequence[str]) -> None:
    manager = dict(line.split("=", 1) for line in report.text("manager.txt").splitlines() if "=" in line)
    began = int(manager["UserspaceTimestampMonotonic"])
    for what, unit in USABLE.items():
        when = int(report.unit(unit).get("ActiveEnterTimestampMonotonic") or 0)
        figures.add(f"{boot}, {what} after, s", name, (when - began) / SECOND)
    figures.add(f"{boot}, finished after, s", name, (int(manager["FinishTimestampMonotonic"]) - began) / SECOND)
    spent = [report.unit(unit).get("CPUUsageNSec", "") for unit in units]
    figures.add(f"{boot}, CPU of the agent's units, s", name, sum(int(n) for n in spent if n.isdigit()) / 1e9)
    for unit in units:
        about = report.unit(unit)
        start, end = (int(about.get(f"{at}TimestampMonotonic") or 0) for at in ("InactiveExit", "ActiveEnter"))
        if start and end:
            figures.add(f"{boot}, {unit} takes, s", name, (end - start) / SECOND)
