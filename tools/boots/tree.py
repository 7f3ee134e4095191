"""tree: Debian trees made by debootstrap and kept, and the layer that cloudboot is on top of one."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator, Sequence

TOP = Path(__file__).resolve().parent.parent.parent
SUITE = "bookworm"
SYSTEM = ("systemd", "systemd-sysv", "dbus", "udev", "libpam-systemd", "kmod", "procps", "iproute2", "netbase",
          "ca-certificates", "openssh-server", "sudo", "e2fsprogs", "tzdata", "locales")  # fmt: skip
PYTHON = ("python3", "python3-yaml", "python3-requests", "python3-jinja2", "python3-configobj", "python3-jsonpatch",
          "python3-netifaces")  # fmt: skip
NETWORK = ("ifupdown", "isc-dhcp-client")
KERNEL = ("initramfs-tools", "linux-image-cloud-amd64", "cloud-guest-utils", "fdisk", "lvm2")
PACKAGES = SYSTEM + PYTHON + NETWORK + KERNEL
AGENT = ("cloudboot", "datasources", "modules", "systemd", "config", "tools/install")
DAY = 86400
FURNISH = """
set -eu
if [ -d etc/initramfs-tools ]; then # small enough to unpack quickly under emulation
    printf 'virtio_pci\\nvirtio_blk\\next4\\n' >etc/initramfs-tools/modules
    echo MODULES=list >etc/initramfs-tools/conf.d/boot-vm
    chroot . update-initramfs -u
fi
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
    ln -s /dev/null etc/systemd/system/$unit
done
rm -f etc/ssh/ssh_host_* etc/resolv.conf
: >etc/machine-id
echo localhost >etc/hostname
rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* usr/share/doc/* usr/share/man/* usr/share/locale/*
"""


def cache() -> Path:
    """Where trees and images are kept between runs."""
    return Path(os.environ.get("CLOUDBOOT_CACHE") or Path.home() / ".cache/cloudboot")


def debian(packages: Sequence[str] = PACKAGES, suite: str = SUITE) -> Path:
    """A Debian tree with these packages as an image would have it: no agent, no host keys, no machine-id.

    Made once for each suite and set of packages; its log lies beside it.
    """
    key = digest(" ".join([suite, *sorted(packages), FURNISH]).encode())
    tree = cache() / f"{suite}-{key}"
    with kept(tree) as part:
        if part:
            include = "--include=" + ",".join(packages)
            with open(f"{tree}.log", "wb") as log:
                call(["debootstrap", "--variant=minbase", include, suite, str(part)], log)
                call(["sh", "-c", FURNISH], log, part)
    return tree


def with_agent(tree: Path) -> Sequence[Path]:
    """The tree with this checkout's cloudboot installed: the folders of an overlay, the uppermost first."""
    layer = cache() / f"{tree.name}-agent-{agent_digest()}"
    script = """
    set -eu
    mkdir -p "$1/work" "$1/root" "$1/upper"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
    "$3/tools/install" --root "$1/root"
    umount "$1/root"
    rm -rf "$1/work" "$1/root"
    """
    with kept(layer) as part:
        if part:
            call(["unshare", "--mount", "sh", "-c", script, "sh", str(part), str(tree), str(TOP)])
    return (layer / "upper", tree)


def agent_digest() -> str:
    """Changes with everything that an installation takes from this checkout."""
    seen = []
    for name in AGENT:
        for path in sorted(p for p in [TOP / name, *(TOP / name).rglob("*")] if p.is_file() and p.suffix != ".pyc"):
            seen.append(f"{path.relative_to(TOP)} {digest(path.read_bytes())}")
    return digest("\n".join(seen).encode())


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


@contextmanager
def kept(path: Path) -> Iterator[Path | None]:
    """Yields where to make ``path``, or None when it is there; only one process at a time makes it.

    What a day's work left behind and nobody used since is removed on the way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            os.utime(path)
            yield None
            return
        prune(path.parent)
        part = path.with_name(path.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
        yield part
        part.rename(path)


def prune(folder: Path) -> None:
    """Removes layers and images that were not used for a day; the trees, which cost most, stay."""
    for old in folder.glob("*-agent-*"):
        if time.time() - old.stat().st_mtime > DAY:
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink()


def call(argv: Sequence[str], log: IO[bytes] | None = None, folder: Path | None = None) -> None:
    """Runs a command to its end. Raises RuntimeError with the end of its log, or what it printed."""
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=log or subprocess.PIPE, stderr=log or subprocess.STDOUT, cwd=folder
    )
    if done.returncode:
        said = Path(log.name).read_bytes() if log else done.stdout
        told = "\n".join(said.decode(errors="replace").splitlines()[-20:])
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}:\n{told}")
