"""Makes the machine ready for a new first boot, or for being captured as an image: forgets every instance, and with
the options its logs, seeds, machine-id and the files that were written for it.

Users, keys, packages and whatever else modules made stay."""

from __future__ import annotations

import sys

from cloudboot.card import RUN, STATE
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.log import FILE, OUTPUT
from cloudboot.state import State
from cloudboot.system.actions import Remove, Run, WriteFile
from cloudboot.system.door import System
from cloudboot.system.live import Live

HOST_KEYS = "/etc/ssh"
KEPT = ("stage", "lock")  # of this boot: what its units wait at, and what keeps a second agent off
CONFIGS = {
    "ssh_config": ("/etc/ssh/sshd_config.d/50-cloudboot.conf",),
    "network": ("/etc/netplan/50-cloudboot.yaml", "/etc/network/interfaces.d/50-cloudboot"),
    "sudo": ("/etc/sudoers.d/90-cloudboot-users",),
}


def run(given: Given) -> int:
    State(given.root).hold()
    live = Live(given.root)
    gone = [f"{STATE}/{name}" for name in live.names(STATE) if name != "seed" or given.flag("--seed")]
    gone += [f"{RUN}/{name}" for name in live.names(RUN) if name not in KEPT]
    if given.flag("--logs"):
        gone += [FILE, OUTPUT]
    kinds = set(given.texts("--configs"))
    for kind, paths in CONFIGS.items():
        if kinds & {kind, "all"}:
            gone += paths
    if kinds & {"network", "all"}:
        gone += [f"/etc/systemd/network/{n}" for n in live.names("/etc/systemd/network") if "-cloudboot" in n]
        folder = "/etc/NetworkManager/system-connections"
        gone += [f"{folder}/{n}" for n in live.names(folder) if n.startswith("cloudboot-")]
    for path in gone:
        if live.perform(Remove(path, tree=True)).changed:
            print(f"removed {path}", file=sys.stderr)
    if given.flag("--machine-id"):
        live.perform(WriteFile("/etc/machine-id", b"uninitialized\n", 0o444))
        for path in ("/var/lib/dbus/machine-id", "/var/lib/systemd/random-seed"):
            live.perform(Remove(path))
        for name in live.names(HOST_KEYS):
            if name.startswith("ssh_host_") and name.endswith(("_key", "_key.pub")):
                live.perform(Remove(f"{HOST_KEYS}/{name}"))
    live.tree.disk.sync()
    if given.flag("--reboot"):
        System(live).do(Run(("systemctl", "reboot")) if live.look("/run/systemd/system") else Run(("reboot",)))
    return 0


VERB = Verb(
    "clean",
    "Makes the machine ready for a new first boot, or for capture as an image.",
    "cloudboot clean --logs --machine-id",
    (
        Word("--logs", "the logs too", short="-l"),
        Word("--seed", "the seed that the image carries too", short="-s"),
        Word("--machine-id", "machine-id, random seed and host keys too: what no two machines may share"),
        Word("--configs", "the files written for it too", value="KIND", many=True, short="-c",
             choices=("all", "ssh_config", "network", "sudo")),
        Word("--reboot", "and boot again", short="-r"),
    ),
    run,
)  # fmt: skip
