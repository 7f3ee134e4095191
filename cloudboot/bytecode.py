"""The package's byte-code in one file, beside the sources that it was compiled from.

A boot imports some two hundred small files. To find each along ``sys.path`` and to open, check and read its ``.pyc``
takes longer than to run it; here that is one ``stat`` and one read. A source that is not as it was compiled, by size
and time, is imported as Python itself does it: whoever mends a file in the middle of the night sees it work. So is
everything where the file is not whole.

``from __future__`` is done when it is compiled: what is in the file asks for that module no more.

    NAME-OF-THIS-PYTHON  length  {module: (path, is a package, size, time in ns, offset, length)}  byte-code ...
"""

import marshal
import os
import sys

TYPE_CHECKING = False  # not from cloudboot.noun: this is imported before anything can be imported fast
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Dict, Optional, Sequence, Tuple

    Entry = Tuple[str, bool, int, int, int, int]

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bytecode")
NAME = f"cloudboot {sys.implementation.cache_tag} {sys.hexversion:x}\n".encode()


class Finder:
    """Imports what is in the ``file`` open as ``fd``, which lies in the package's folder."""

    def __init__(self, fd: int, file: str, entries: "Dict[str, Entry]", start: int) -> None:
        self._fd, self._file, self._entries, self._start = fd, file, entries, start
        self._folder = os.path.dirname(file)

    def find_spec(self, name: str, path: "Optional[Sequence[str]]" = None, target: "Any" = None) -> "Any":
        entry = self._entries.get(name)
        if entry is None:
            return None
        source = self._folder + entry[0]
        try:
            found = os.stat(source)
        except OSError:
            return None
        if (found.st_size, found.st_mtime_ns) != entry[2:4]:
            return None
        spec: Any = type(__spec__)(name, self, origin=source, loader_state=entry, is_package=entry[1])  # type: ignore[arg-type]
        spec.has_location, spec.cached = True, self._file
        if entry[1]:
            spec.submodule_search_locations.append(os.path.dirname(source))
        return spec

    def create_module(self, spec: "Any") -> None:
        return None

    def exec_module(self, module: "ModuleType") -> None:
        spec: Any = module.__spec__
        at, length = spec.loader_state[4:]
        exec(marshal.loads(os.pread(self._fd, length, self._start + at)), module.__dict__)  # noqa: S102


def use(file: str = FILE) -> None:
    """From now on modules come from the file, where there is one that this Python wrote."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    head = os.pread(fd, len(NAME) + 8, 0)
    length = int.from_bytes(head[len(NAME) :], "little")
    if head[: len(NAME)] != NAME or len(head) < len(NAME) + 8:
        os.close(fd)
        return
    entries: Dict[str, Entry] = {}
    start, size = len(head) + length, os.fstat(fd).st_size
    if start <= size:
        try:
            entries = marshal.loads(os.pread(fd, length, len(head)))
        except (EOFError, ValueError, TypeError):
            pass
    if not entries or start + sum(entry[5] for entry in entries.values()) != size:
        os.close(fd)
        return
    finder: Any = Finder(fd, file, entries, start)
    sys.meta_path.insert(0, finder)


def packed(folder: str) -> bytes:
    """What the file holds for the package in ``folder``."""
    entries: Dict[str, Entry] = {}
    pieces = []
    offset = 0
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(n for n in names if n.endswith(".py")):
            path = os.path.join(top, name)
            inside = path[len(folder) :]
            words = ["cloudboot", *inside[1:-3].split("/")]
            about = os.stat(path)
            with open(path, "rb") as file:
                code = marshal.dumps(compiled(file.read(), path))
            is_package = words[-1] == "__init__"
            module = ".".join(words[:-1] if is_package else words)
            entries[module] = (inside, is_package, about.st_size, about.st_mtime_ns, offset, len(code))
            pieces.append(code)
            offset += len(code)
    index = marshal.dumps(entries)
    return b"".join((NAME, len(index).to_bytes(8, "little"), index, *pieces))


def compiled(source: bytes, path: str) -> "CodeType":
    """Its code, with the features that it asks ``__future__`` for and without the asking."""
    import __future__

    import ast

    tree, flags = ast.parse(source, path), 0
    for node in [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]:
        tree.body.remove(node)
        for name in node.names:
            flags |= getattr(__future__, name.name).compiler_flag
    code: CodeType = compile(tree, path, "exec", flags, dont_inherit=True)
    return code
