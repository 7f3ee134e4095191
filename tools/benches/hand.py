"""By hand, in a scratch machine: boots, short commands, growth with the work, and what no Python goes below."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, Dict, Mapping, Sequence

from tools.benches import work
from tools.benches.agents import AGENTS, Agent
from tools.benches.figures import Figures
from tools.benches.scratch import Scratch

Roots = Mapping[str, Sequence[Path]]
MS = 1000.0
STRACE = ("strace", "-f", "-qq", "-e", "trace=execve,open,openat", "-o")


def boots(roots: Roots, figures: Figures) -> None:
    """(a) One round: a first and a second boot of each agent."""
    for agent in AGENTS:
        with Scratch(roots[agent.name], work.seed()) as machine:
            for boot in ("first", "second"):
                costs = [machine.run(*agent.argv(words)) for words in agent.boot]
                done(machine, agent)
                for name, key in (("CPU with children", "cpu"), ("CPU without", "own"), ("wall", "wall")):
                    figures.add(f"{boot} boot, {name}, ms", agent.name, sum(c[key] for c in costs) * MS)
                figures.add(f"{boot} boot, peak memory, MB", agent.name, max(c["rss"] for c in costs))
                machine.reboot()


def stages(roots: Roots, figures: Figures) -> None:
    """(a) The same with each stage in a process of its own."""
    for agent in AGENTS:
        with Scratch(roots[agent.name], work.seed()) as machine:
            for boot in ("first", "second"):
                for stage, words in agent.stages.items():
                    cost = machine.run(*agent.argv(words))
                    figures.add(f"{boot} boot, {stage} stage alone, CPU, ms", agent.name, cost["cpu"] * MS)
                machine.reboot()


def counts(roots: Roots, figures: Figures) -> None:
    """(a) What does not differ from round to round: modules, processes, files."""
    for agent in AGENTS:
        for what, user_data in (("", work.PLAIN), (" with host keys", work.keys_too())):
            with Scratch(roots[agent.name], work.seed(user_data)) as machine:
                log = machine.top / "strace"
                for boot in ("first", "second"):
                    started = opened = 0
                    for words in agent.boot:
                        machine.run(*agent.argv(words), around=[*STRACE, str(log)])
                        lines = [line for line in log.read_text(errors="replace").splitlines() if " = -1 " not in line]
                        started += sum("execve(" in line for line in lines) - 2  # the shim and the agent itself
                        opened += sum("open(" in line or "openat(" in line for line in lines)
                    figures.add(f"{boot} boot{what}, processes started", agent.name, started)
                    figures.add(f"{boot} boot{what}, files opened", agent.name, opened)
                    machine.reboot()
        with Scratch(roots[agent.name], work.seed()) as machine:
            for boot in ("first", "second"):
                seen = 0
                for words in agent.boot:
                    before = len(machine.read("/var/log/cloud-init-output.log"))
                    machine.run(*agent.argv(words, timed=True))
                    text = machine.said + machine.read("/var/log/cloud-init-output.log")[before:]
                    seen = max(seen, len(set(re.findall(r"import time: .*\| +(\S+)", text))))
                figures.add(f"{boot} boot, modules imported (most in one process)", agent.name, seen)
                machine.reboot()


def verbs(roots: Roots, figures: Figures, rounds: int) -> None:
    """(c) Short commands on a machine that has booted."""
    for agent in AGENTS:
        with Scratch(roots[agent.name], {**work.seed(), "/root/plain.yaml": work.PLAIN}) as machine:
            for words in agent.boot:
                machine.run(*agent.argv(words))
            for _ in range(rounds):
                for verb, words in agent.verbs.items():
                    figures.add(f"{verb}, CPU, ms", agent.name, machine.run(*agent.argv(words))["cpu"] * MS)


GROWTH: Dict[str, tuple[Sequence[int], Callable[[int], Mapping[str, str]]]] = {
    "parts": ((10, 100, 1000), lambda n: work.seed(work.parts(n))),
    "bytes": ((10_000, 100_000, 1_000_000), lambda n: work.seed(work.size(n))),
    "files": ((10, 100, 1000), lambda n: work.seed(work.files(n))),
    "layers": ((2, 20, 200), lambda n: work.seed(work.layers(n))),
    "interfaces": ((10, 100, 1000), lambda n: work.seed(network=work.interfaces(n))),
}


def growth(roots: Roots, figures: Figures) -> None:
    """(d) First boots on ten and a hundred times the work."""
    for kind, (numbers, make) in GROWTH.items():
        for number in numbers:
            for agent in AGENTS:
                with Scratch(roots[agent.name], {**make(number), **work.KEYS_KEPT}) as machine:
                    cost = sum(machine.run(*agent.argv(words))["cpu"] for words in agent.boot)
                figures.add(f"first boot, {number} {kind}, CPU, ms", agent.name, cost * MS)


def floors(roots: Roots, figures: Figures) -> None:
    """(f) The interpreter, and with yaml."""
    with Scratch(roots["none"]) as machine:
        for name, code in (("bare", "pass"), ("with yaml", "import yaml")):
            cost = machine.run("/usr/bin/python3", "-I", "-c", code)
            figures.add(f"interpreter, {name}, CPU, ms", "none", cost["own"] * MS)


def done(machine: Scratch, agent: Agent) -> None:
    missing = [path for path in work.DONE if not machine.read(path)]
    missing = [path for path in missing if not (machine.top / "upper" / path.lstrip("/")).exists()]
    if missing:
        raise RuntimeError(f"{agent.name} left undone: {', '.join(missing)}; it said:\n{machine.said[-2000:]}")
