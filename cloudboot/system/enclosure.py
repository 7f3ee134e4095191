"""Commands in a tree that is not the machine's own: what they may not reach of the machine, and whether they can run.

A chroot alone would let a package's script rename the build host or shut it down; names, processes and IPC are the
tree's own here. The network is shared, since packages come over it.
"""

from __future__ import annotations

import os

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Optional, Sequence, Tuple

    from cloudboot.system.root import Tree
    from cloudboot.system.spawn import Identity

FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
TOOL = "/usr/bin/unshare"


def enclosed(argv: Sequence[str], root: str, cwd: str, who: Optional[Identity]) -> Tuple[str, ...]:
    """The command with namespaces of its own, by util-linux's unshare(1); empty where the machine lacks it."""
    if not os.access(TOOL, os.X_OK):
        return ()
    words = [TOOL, "--uts", "--ipc", "--pid", "--fork", "--kill-child", f"--root={root}", f"--wd={cwd}"]
    if os.path.isdir(f"{root}/proc"):
        words.append("--mount-proc=/proc")
    if who:
        words += [f"--setuid={who.uid}", f"--setgid={who.gid}"]
    return (*words, "--", *argv)


def program(tree: Tree, name: str) -> bool:
    """Does the tree hold this program and, for a script, what runs it?"""
    for path in [name] if "/" in name else [f"{folder}/{name}" for folder in FOLDERS]:
        try:
            fd = tree.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            start = os.read(fd, 256)
        except OSError:
            continue
        finally:
            os.close(fd)
        words = start[2:].split(b"\n", 1)[0].split() if start.startswith(b"#!") else []
        return not words or program(tree, words[0].decode("utf-8", "replace"))
    return False
