"""container: boots of a Debian tree under systemd-nspawn, on an overlay, in a network namespace of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import IO, Mapping, Optional, Sequence, Union

from tools.boots.console import ENDS_WITH_US, follow
from tools.boots.report import ARCHIVE, Report, guest_files

MAC = "52:54:00:12:34:56"
# what becomes of its arguments is in its first line; the rest of them goes to the container's systemd
INSIDE = """
set -eu
lower=$1 folder=$2 name=$3 group=$4 mac=$5
shift 5
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
if [ -z "${WIRED:-}" ]; then
    ip link set lo up
    ip link add eth0 address "$mac" type veth peer name wire
    if [ -z "${UNPLUGGED:-}" ]; then ip link set wire up; fi
fi
if [ -n "$group" ]; then
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
    mkdir -p "$group/$name"
    echo 0 >"$group/$name/cgroup.procs"
fi
exec systemd-nspawn --quiet --boot --directory="$folder/root" --machine="$name" --register=no --keep-unit \\
    --console=read-only --kill-signal=SIGRTMIN+3 --network-namespace-path=/proc/self/ns/net \\
    --capability=CAP_NET_ADMIN "$@"
"""


class Container:
    """A container that keeps its changes in ``folder`` from boot to boot.

    ``layers`` are the folders below them, the uppermost first; nothing is ever written to these.
    """

    def __init__(self, layers: Sequence[Path], folder: Path) -> None:
        self.layers, self.folder = layers, folder
        for name in ("upper", "work", "root"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.boots = len(list(folder.glob("boot-*")))

    def put(self, path: str, content: Union[str, bytes], mode: int = 0o644) -> None:
        """A file in the container, before its next boot."""
        at = self._place(path)
        at.write_bytes(content.encode() if isinstance(content, str) else content)
        at.chmod(mode)

    def forget(self, path: str) -> None:
        """Removes what was put or written at ``path`` above the layers."""
        shutil.rmtree(self._place(path))

    def mask(self, *units: str) -> None:
        for unit in units:
            at = self._place("/etc/systemd/system/" + unit)
            if not at.is_symlink():
                at.symlink_to("/dev/null")

    def enable(self, unit: str, target: str) -> None:
        """Has a target want a unit, as ``systemctl enable`` would."""
        at = self._place(f"/etc/systemd/system/{target}.wants/{unit}")
        name = re.sub("@.+[.]", "@.", unit)
        own = (self.folder / "upper/etc/systemd/system" / name).exists()
        if not at.is_symlink():
            at.symlink_to(f"/{'etc' if own else 'usr/lib'}/systemd/system/{name}")

    def seed(self, files: Mapping[str, str]) -> None:
        """A NoCloud seed in the folder where the agent looks for one: ``user-data``, ``meta-data``..."""
        for name, text in files.items():
            self.put(f"/var/lib/cloudboot/seed/nocloud/{name}", text, 0o600)

    def keys(self) -> None:
        """Host keys of its own, for boots in which nobody else is to make them."""
        run = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._place("/etc/ssh/ssh_host_ed25519_key"))]
        subprocess.run(run, check=True, stdin=subprocess.DEVNULL)

    def _place(self, path: str) -> Path:
        """Where a path of the container lies on the host; its folders are made as the tree has them."""
        at, inner = self.folder / "upper", Path()
        for part in Path(path.lstrip("/")).parent.parts:
            at, inner = at / part, inner / part
            if not at.exists():
                at.mkdir()
                below = next((layer / inner for layer in self.layers if (layer / inner).is_dir()), None)
                if below:
                    shutil.copystat(below, at)
                    os.chown(at, below.stat().st_uid, below.stat().st_gid)
        return at / Path(path).name

    def boot(
        self, *words: str, limit: int = 120, cut_at: Optional[str] = None, plugged: bool = True, network: str = ""
    ) -> Report:
        """Boots it with ``words`` as its kernel command line, waits until it is off again.

        ``plugged``: its network card has a carrier. ``network``: the path of a network namespace that is its own, with
        its cards, in place of one that leads nowhere. ``cut_at``: kills it the moment that text shows on its console.
        Kills it after ``limit`` seconds in any case.
        """
        for path, text in guest_files().items():
            self.put(path, text)
        self.boots += 1
        result = self.folder / f"boot-{self.boots}"
        result.mkdir()
        archive = self.folder / "upper" / ARCHIVE
        if archive.exists():
            archive.unlink()
        begin = time.monotonic()
        with open(result / "console.txt", "wb") as console:
            end = self._run([f"boot-report={limit // 3}", *words], console, limit, cut_at, plugged, network)
        seconds = time.monotonic() - begin
        if archive.exists():
            shutil.move(str(archive), str(result / "report.tar"))
        return Report(result, result / "report.tar", end, seconds)

    def _run(
        self, words: Sequence[str], console: IO[bytes], limit: int, cut_at: Optional[str], plugged: bool, network: str
    ) -> str:
        name = f"boot-{os.getpid()}-{self.boots}"
        group = cgroup2()
        own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        inner = ["nsenter", f"--net={network}", *own] if network else [*own, "--net"]
        wrapper = [*ENDS_WITH_US, *inner]
        inside = ["sh", "-c", INSIDE, "sh", ":".join(map(str, self.layers)), str(self.folder), name, group, MAC]
        process = subprocess.Popen(
            [*wrapper, *inside, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "UNPLUGGED": "" if plugged else "yes", "WIRED": "yes" if network else ""},
        )
        try:
            return follow(process, console, limit, cut_at)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if group:
                remove_group(Path(group) / name)


def cgroup2() -> str:
    """The folder of the cgroup2 hierarchy, empty where there is none."""
    with open("/proc/mounts") as mounts:
        return next((line.split()[1] for line in mounts if line.split()[2] == "cgroup2"), "")


def remove_group(group: Path) -> None:
    """Removes a cgroup whose processes have just been killed: the kernel needs a moment to let the last one go."""
    end = time.monotonic() + 5
    while group.exists():
        try:
            for at, _, _ in os.walk(group, topdown=False):
                os.rmdir(at)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
