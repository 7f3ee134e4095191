"""The trees that are compared: Debian without an agent, with its own cloud-init, with this checkout's cloudboot."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Sequence

from tools.boots.tree import PYTHON, SYSTEM, call, debian, kept, with_agent

INSTALL = """
set -eu
mkdir -p "$1/work" "$1/root" "$1/upper"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
for each in proc sys dev; do mount --rbind "/$each" "$1/root/$each"; done
cp /etc/resolv.conf "$1/root/etc/resolv.conf"
chroot "$1/root" sh -euc "$3"
rm -f "$1/root/etc/resolv.conf"
umount -l "$1/root"
rm -rf "$1/work" "$1/root"
"""
COMMON = """ssh-keygen -A; tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
systemctl -q enable systemd-networkd; systemctl -q mask systemd-networkd-wait-online"""
CLOUD_INIT = """export DEBIAN_FRONTEND=noninteractive
apt-get -q update; apt-get -qy --no-install-recommends install cloud-init netcat-openbsd; apt-get clean"""


def layer(below: Sequence[Path], name: str, script: str) -> Sequence[Path]:
    """A tree with a script run in it on top, made once."""
    top = below[-1].with_name(f"{below[-1].name}-bench-{name}")
    with kept(top) as part:
        if part:
            lower = ":".join(map(str, below))
            call(["unshare", "--mount", "sh", "-c", INSTALL, "sh", str(part), lower, script])
    return (top / "upper", *below)


def roots() -> Dict[str, Sequence[Path]]:
    """The layers of each tree, the uppermost first, by the agent's name."""
    bare = layer([debian(SYSTEM + PYTHON)], "bare", COMMON)
    agent = with_agent(bare[-1])[0]
    return {"cloud-init": layer(bare, "cloud-init", CLOUD_INIT), "cloudboot": (agent, *bare), "none": bare}
