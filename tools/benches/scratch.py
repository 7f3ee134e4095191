"""A machine without an init system, for one agent after another to be run in by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence

HERE = Path(__file__).resolve().parent
MAC = "52:54:00:12:34:56"
INSIDE = """
set -eu
top=$1; shift
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$top/upper,workdir=$top/work" "$top/root"
mount -t proc proc /proc
mount -t proc proc "$top/root/proc"
mount -t sysfs sysfs "$top/root/sys"
mount --bind "$top/run" "$top/root/run"
mount -t tmpfs tmpfs "$top/root/tmp"
mount -t tmpfs tmpfs "$top/root/dev"
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$top/root/dev/${node%:*}" c 1 "${node#*:}"; done
: >"$top/root/dev/console"; ln -s /proc/self/fd "$top/root/dev/fd"
ip link set lo up
ip link add eth0 address "$MAC" type veth peer name wire
exec env container=bench "$@"
"""


class Scratch:
    """``layers`` are the folders of its tree, the uppermost first; nothing is written to them. Needs a mount namespace
    of the caller's own."""

    def __init__(self, layers: Sequence[Path], files: Mapping[str, str] = {}) -> None:  # noqa: B006
        self.layers = layers
        self.top = Path(tempfile.mkdtemp(prefix="bench-"))
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(self.top)], check=True)
        for name in ("upper", "work", "root", "run"):
            (self.top / name).mkdir()
        for path, text in files.items():
            self.put(path, text)

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.top)], check=True)
        self.top.rmdir()

    def put(self, path: str, text: str) -> None:
        at = self.top / "upper" / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)

    def read(self, path: str) -> str:
        """What a file holds that was written here; empty where there is none."""
        at = self.top / "upper" / path.lstrip("/")
        return at.read_text(errors="replace") if at.is_file() else ""

    def reboot(self) -> None:
        """Empties what a reboot empties."""
        shutil.rmtree(self.top / "run")
        (self.top / "run").mkdir()

    @property
    def said(self) -> str:
        """What the last command printed."""
        return (self.top / "said").read_text(errors="replace")

    def run(self, *argv: str, around: Sequence[str] = ()) -> Dict[str, Any]:
        """What a command costs: cpu and own (without children) and wall in seconds, rss in MB, its exit code.
        ``around`` is a program of the host that runs the whole."""
        alone = ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]
        shim = [*around, sys.executable, "-I", "-S", str(HERE / "spend.py"), f"{self.top}/root", f"{self.top}/said"]
        done = subprocess.run(
            [*alone, "sh", "-c", INSIDE, "sh", str(self.top), *shim, *argv], stdout=subprocess.PIPE, check=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LOWER": ":".join(map(str, self.layers)), "MAC": MAC},
        )  # fmt: skip
        cost: Dict[str, Any] = json.loads(done.stdout)
        return cost
