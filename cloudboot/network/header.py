"""What stands at the head of every file that is rendered, and how such a file is known again."""

from __future__ import annotations

HEADER = """\
# Written by cloudboot from this instance's network configuration. A file that was edited since is left as it is at
# the next instance; to keep cloudboot off the network, put  network: {config: disabled}  into a file below
# /etc/cloudboot/cloudboot.cfg.d/
"""
