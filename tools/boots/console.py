"""console: follows a machine's console until it goes off, shows a text, or takes too long."""

from __future__ import annotations

import os
import select
import subprocess
import time
from typing import IO, Callable, Mapping, Optional

ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Before a command: it is killed when this process dies, however that comes."""


def follow(
    process: subprocess.Popen[bytes],
    kept: IO[bytes],
    limit: float,
    cut_at: Optional[str] = None,
    at: Optional[Mapping[str, Callable[[], None]]] = None,
) -> str:
    """Copies the console (the process's standard output) to ``kept`` until the machine is off. What is to be done
    ``at`` a text is done the first time that it shows.

    Returns ``off``; or ``cut``, as soon as ``cut_at`` shows, or ``limit``, after that many seconds: the process is
    killed then, as a power cut would.
    """
    assert process.stdout is not None
    stream, end, tail = process.stdout.fileno(), time.monotonic() + limit, b""
    wanted = cut_at.encode() if cut_at else None
    waiting = {text.encode(): act for text, act in (at or {}).items()}
    while True:
        left = end - time.monotonic()
        if left <= 0:
            process.kill()
            return "limit"
        if not select.select([stream], [], [], left)[0]:
            continue
        data = os.read(stream, 65536)
        if not data:
            return "off"
        kept.write(data)
        kept.flush()
        tail = tail[-4096:] + data
        for text in [text for text in waiting if text in tail]:
            waiting.pop(text)()
        if wanted and wanted in tail:
            process.kill()
            return "cut"
