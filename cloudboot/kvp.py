"""Events for a Hyper-V host: records of the file that the guest's KVP daemon hands over to it.

A key is ``CLOUDBOOT|BOOT|TYPE|NAME|VM|NUMBER``, BOOT being when the machine came up (seconds since 1970) and NUMBER the
event's own; a value is JSON with ``name``, ``type``, ``ts`` and ``msg``, and of a finish ``result``. What is longer
than the host takes comes in several records, numbered by ``msg_i``. Facts: "Hyper-V KVP" in the datasources reference.
"""

from __future__ import annotations

import os
import time

from cloudboot import json
from cloudboot.clouds.hyperv import KEY, MOST_RECORDS, MOST_VALUE, POOL, VALUE, record
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Iterator, List, Mapping

    from cloudboot.events import Event
    from cloudboot.log import Log

UUID, UPTIME = "/sys/class/dmi/id/product_uuid", "/proc/uptime"
PIECE = 250
"""Characters of a message that fit into one value, whatever they are in JSON."""


class Pool:
    """The file at ``kvp_file_path``; ``event_types`` limits the events to some."""

    def __init__(self, about: Mapping[str, Any], log: Log) -> None:
        self._path, self._log = str(about.get("kvp_file_path") or POOL), log
        self._types = about.get("event_types")
        self._vm = _line(UUID).lower()
        up = _line(UPTIME).split()
        self._booted = time.time() - (float(up[0]) if up else 0.0)
        self._number, self._lost = 0, 0

    def tell(self, event: Event) -> None:
        if isinstance(self._types, list) and event.type not in self._types:
            return
        self._number += 1
        key = f"CLOUDBOOT|{int(self._booted)}|{event.type}|{event.name}|{self._vm}|{self._number}"
        try:
            self._append([record(f"{key}|{i}" if i else key, value) for i, value in enumerate(_values(event))])
        except OSError:
            self._lost += 1

    def close(self, seconds: float) -> None:
        if self._lost:
            self._log.warn(f"reporting: {self._lost} events of this boot are not in {self._path}")
            self._lost = 0

    def _append(self, records: List[bytes]) -> None:
        """Raises OSError, also where the host would take no more."""
        import fcntl

        assert self._log.tree is not None
        if self._log.tree.lstat(os.path.dirname(self._path)) is None:
            raise OSError("no daemon")
        place = self._log.tree.real(self._path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        fd = os.open(place, flags, 0o600)
        try:
            # the daemon makes this file for everybody to read, and who can read it can hold its lock for ever
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = os.fstat(fd)
            if before.st_mtime < self._booted:
                os.ftruncate(fd, 0)  # all of it was said in an earlier boot
                before = os.fstat(fd)
            if before.st_size // (KEY + VALUE) + len(records) > MOST_RECORDS:
                raise OSError("full")
            data = b"".join(records)
            if os.write(fd, data) < len(data):
                os.ftruncate(fd, before.st_size)  # half a record would spoil all that follow
                raise OSError("no room")
        finally:
            os.close(fd)


def _values(event: Event) -> Iterator[str]:
    about = {"name": event.name, "type": event.type, "ts": _time(event.timestamp)}
    if event.result:
        about["result"] = event.result
    whole = json.dumps({**about, "msg": event.description})
    if len(whole.encode()) <= MOST_VALUE:
        yield whole
        return
    text = event.description.encode("ascii", "backslashreplace").decode()
    for i in range(0, len(text), PIECE):
        yield json.dumps({**about, "msg_i": i // PIECE, "msg": text[i : i + PIECE]})


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}+00:00"


def _line(path: str) -> str:
    try:
        with open(path) as file:
            return file.readline().strip()
    except OSError:
        return ""
