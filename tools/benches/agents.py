"""How each agent is started."""

from __future__ import annotations

from typing import Dict, List, Sequence


class Agent:
    """``stages`` are its commands in boot order, each in a process of its own; ``whole`` is one for all of a boot, or
    empty. ``units`` are systemd's units of it. ``verbs`` are short commands by what they tell."""

    name = ""
    program = ""
    stages: Dict[str, Sequence[str]] = {}
    whole: Sequence[str] = ()
    units: Sequence[str] = ()
    verbs: Dict[str, Sequence[str]] = {}
    python = "/usr/bin/python3"

    def argv(self, words: Sequence[str], timed: bool = False) -> List[str]:
        """A command line; ``timed``: one that tells of each import."""
        return [*([self.python, "-X", "importtime"] if timed else []), self.program, *words]

    @property
    def boot(self) -> Sequence[Sequence[str]]:
        """The command lines of a whole boot, as the machine runs it."""
        return [self.whole] if self.whole else list(self.stages.values())


class CloudInit(Agent):
    name = "cloud-init"
    program = "/usr/bin/cloud-init"
    stages = {
        "local": ("init", "--local"),
        "network": ("init",),
        "config": ("modules", "--mode=config"),
        "final": ("modules", "--mode=final"),
    }
    units = ("cloud-init-local.service", "cloud-init.service", "cloud-config.service", "cloud-final.service")
    verbs = {
        "version": ("--version",),
        "status": ("status",),
        "query": ("query", "v1.instance_id"),
        "schema": ("schema", "-c", "/root/plain.yaml"),
    }


class Cloudboot(Agent):
    name = "cloudboot"
    program = "/usr/bin/cloudboot"
    stages = {name: ("boot", "--stage", name) for name in ("local", "network", "config", "final")}
    whole = ("boot",)
    units = ("cloudboot.service", "cloudboot-local.service", "cloudboot-access.service", "cloudboot-network.service",
             "cloudboot-config.service", "cloudboot-final.service")  # fmt: skip
    verbs = {
        "version": ("--version",),
        "status": ("status",),
        "id": ("id",),
        "query": ("query", "v1.instance_id"),
        "schema": ("schema", "--config-file", "/root/plain.yaml"),
    }


AGENTS = (CloudInit(), Cloudboot())
