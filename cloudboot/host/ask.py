"""The reader's questions to programs: they change nothing, and have a deadline."""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Sequence, Tuple

    from cloudboot.values import Host

ASK_SECONDS = 10.0


def ask(host: Host, argv: Sequence[str], timeout: float = ASK_SECONDS) -> Tuple[int, str]:
    """Exit status and stdout of a program found through PATH; 124 at the deadline, and (127, "") where there is no such
    program or this host is not asked."""
    path = os.environ.get("PATH", os.defpath)
    if not host.asks or not any(os.access(os.path.join(folder, argv[0]), os.X_OK) for folder in path.split(os.pathsep)):
        return 127, ""
    from cloudboot.system.spawn import spawn

    done = spawn(argv, env={"PATH": path, "LC_ALL": "C"}, timeout=timeout, most=1 << 20)
    return done.code, done.stdout.decode("utf-8", "replace")
