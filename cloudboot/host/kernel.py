"""The kernel that runs, and what for."""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.values import Host


def kernel(host: Host) -> str:
    return os.uname().release


def arch(host: Host) -> str:
    """As the kernel names it: x86_64, aarch64, s390x, ..."""
    return os.uname().machine
