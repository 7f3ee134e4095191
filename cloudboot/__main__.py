"""``python -m cloudboot``."""

from cloudboot.cli import command

command()
