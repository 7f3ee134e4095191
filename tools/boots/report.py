"""report: what a guest says of itself when its boot is over, and how the host reads it."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Set

HERE = Path(__file__).parent
ARCHIVE = "var/boot-report.tar"  # in a container; a virtual machine sends it through a virtio port
LISTEN = "0A"  # the state of a socket in /proc/net/tcp
BROUGHT = ("run/boot-report/", "run/cloudboot/", "var/log/cloudboot")
UNIT = """[Unit]
Description=Report of this boot to tools/boot-vm
DefaultDependencies=no
[Service]
Type=exec
ExecStart=/bin/sh /usr/lib/boot-report/guest-report
TimeoutStopSec=5
"""


def guest_files() -> Mapping[str, str]:
    """What goes into a guest, by path, to make it report. It waits for ``boot-report=SECONDS`` of its command line."""
    return {
        "usr/lib/boot-report/guest-report": (HERE / "guest-report").read_text(),
        "etc/systemd/system/boot-report.service": UNIT,
        "etc/systemd/system/multi-user.target.d/boot-report.conf": "[Unit]\nWants=boot-report.service\n",
    }


class Report:
    """One boot, told by the guest and by its console.

    ``end`` is ``off`` (the guest switched itself off), ``cut`` (its power was cut when asked) or ``limit`` (it did not
    end in time). ``seconds`` is how long it took on the host's clock.
    """

    def __init__(self, folder: Path, archive: Path, end: str, seconds: float) -> None:
        self.folder, self.end, self.seconds = folder, end, seconds
        self._members: Dict[str, tarfile.TarInfo] = {}
        self._archive: Optional[tarfile.TarFile] = None
        if archive.exists() and archive.stat().st_size:
            self._archive = tarfile.open(archive)
            self._members = {m.name: m for m in self._archive.getmembers()}
            self._bring()

    def _bring(self) -> None:
        """Lays what one reads first beside the archive, as plain files."""
        for name, member in self._members.items():
            if member.isfile() and name.startswith(BROUGHT):
                (self.folder / Path(name).name).write_bytes(self._bytes(name))

    def _bytes(self, name: str) -> bytes:
        stream = self._archive.extractfile(name) if self._archive else None
        return stream.read() if stream else b""

    @property
    def arrived(self) -> bool:
        """Did the guest get as far as reporting?"""
        return self._archive is not None

    @property
    def console(self) -> str:
        return (self.folder / "console.txt").read_text(errors="replace")

    @property
    def journal(self) -> str:
        return self.text("journal.txt")

    @property
    def status(self) -> Mapping[str, Any]:
        """status.json of the guest."""
        answer: Mapping[str, Any] = json.loads(self.read("/run/cloudboot/status.json") or "{}")
        return answer

    @property
    def failed(self) -> List[str]:
        """The units that failed."""
        return [line.split()[0] for line in self.text("failed.txt").splitlines() if line.strip()]

    def text(self, name: str) -> str:
        """One of the texts that the guest made for its report: ``journal.txt``, ``units.txt``..."""
        answer = self.read("/run/boot-report/" + name)
        if answer is None:
            raise FileNotFoundError(f"the guest sent no {name}; its console ended with:\n{self.console[-3000:]}")
        return answer

    def member(self, path: str) -> Optional[tarfile.TarInfo]:
        """Mode, owner and kind of a guest's file, by absolute path; None when it has none."""
        return self._members.get(path.lstrip("/"))

    def read(self, path: str) -> Optional[str]:
        """A guest's file, symlinks followed; None when it has none."""
        name = path.lstrip("/")
        return self._bytes(name).decode(errors="replace") if name in self._members else None

    def unit(self, name: str) -> Mapping[str, str]:
        """What systemd said of a unit in the end: ``ActiveState``, ``Result``, ``ConditionResult``..."""
        for block in self.text("units.txt").split("\n\n"):
            found = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            if found.get("Id") == name:
                return found
        return {}

    @property
    def listening(self) -> Set[int]:
        """The TCP ports on which something listens."""
        sockets = [line.split() for line in self.text("sockets.txt").splitlines()]
        return {int(words[1].rpartition(":")[2], 16) for words in sockets if words[3] == LISTEN}

    def order(self, *names: str) -> List[str]:
        """These units, sorted by when each became active; those that never did are left out."""
        when = {n: int(self.unit(n).get("ActiveEnterTimestampMonotonic") or 0) for n in names}
        return sorted((n for n in names if when[n]), key=when.__getitem__)
