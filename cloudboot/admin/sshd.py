"""The SSH server's own configuration: what it says, and the few lines of it that are ours."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun
from cloudboot.text import fits

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.system.door import System
    from cloudboot.values import Os

MAIN = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config")
OURS = "/etc/ssh/sshd_config.d/50-cloudboot.conf"
RUNNING = "/run/sshd.pid"
DEEPEST = 16


class Setting(Noun):
    """A line of the global section: sshd takes the first of a keyword (but every HostKey, HostCertificate, ...)."""

    file: str
    key: str
    value: str


def main_file(system: System) -> str:
    return next((path for path in MAIN if system.exists(path)), MAIN[0])


def settings(system: System) -> Tuple[Setting, ...]:
    """The global section in the order in which sshd reads it, with the files it includes."""
    return tuple(_read(system, main_file(system), 0))


def value_of(system: System, key: str) -> Optional[Setting]:
    return next((s for s in settings(system) if s.key.lower() == key.lower()), None)


def configure(system: System, wanted: Mapping[str, Sequence[str]]) -> bool:
    """Makes each keyword have these values, in a file of our own where the main file includes its folder, else in the
    main file. True when that changed something."""
    main = main_file(system)
    dropped_in = any(s.key.lower() == "include" and s.file == main and _takes(s.value) for s in settings(system))
    path = OURS if dropped_in else MAIN[0]
    text = system.text(path if dropped_in else main) or ""
    entry = system.look(path)
    mode = entry.mode if entry and entry.kind == "file" else 0o600 if dropped_in else 0o644
    new = _with(text, wanted)
    changed = new != text and system.write(path, new, mode=mode)
    for key, values in wanted.items():
        first = value_of(system, key)
        if first and first.file != path and first.value not in values:
            system.warn(f"{first.file} sets {key} before {path} does, so sshd does not use what was asked for")
    return changed


def reload(system: System, os: Os, config: Mapping[str, Any]) -> None:
    """Tells a running server to read its configuration again; one that does not run is left alone. The image's
    ``system_info`` may name the service (``ssh_svcname``)."""
    if system.exists("/run/systemd/system") or system.exists(RUNNING):
        from cloudboot.admin import services

        named = (config.get("system_info") or {}).get("ssh_svcname")
        services.reload(system, os, str(named or ("ssh" if os.family == "debian" else "sshd")))


def _read(system: System, path: str, depth: int) -> Iterator[Setting]:
    for line in (system.text(path) or "").splitlines():
        key, value = _parsed(line)
        if key.lower() == "match":
            return
        if key:
            yield Setting(path, key, value)
        if key.lower() == "include" and depth < DEEPEST:
            for pattern in value.split():
                for included in _matching(system, _absolute(pattern)):
                    yield from _read(system, included, depth + 1)


def _matching(system: System, pattern: str) -> List[str]:
    folder, _, name = pattern.rpartition("/")
    return [f"{folder}/{n}" for n in system.names(folder) if fits(n, name)]


def _takes(patterns: str) -> bool:
    return any(fits(OURS, _absolute(p)) for p in patterns.split())


def _absolute(pattern: str) -> str:
    pattern = pattern.strip('"')
    return pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"


def _parsed(line: str) -> Tuple[str, str]:
    """Keyword and value of a line, empty for a comment; they may be parted by blanks or by one ``=``."""
    line = line.strip()
    if not line or line[0] == "#":
        return "", ""
    cut = next((i for i, c in enumerate(line) if c in " \t="), len(line))
    rest = line[cut:].strip()
    return line[:cut], (rest[1:].strip() if rest.startswith("=") else rest).partition(" #")[0].strip()


def _with(text: str, wanted: Mapping[str, Sequence[str]]) -> str:
    """The text with these keywords in place of what its global section says of them, before the first Match."""
    left: Dict[str, List[str]] = {key: [f"{key} {value}" for value in values] for key, values in wanted.items()}
    known = {key.lower(): key for key in wanted}
    lines: List[str] = []
    old = text.splitlines()
    end = next((i for i, line in enumerate(old) if _parsed(line)[0].lower() == "match"), len(old))
    for line in old[:end]:
        key = known.get(_parsed(line)[0].lower())
        if key is None:
            lines.append(line)
        else:
            lines.extend(left.pop(key, []))
    for more in left.values():
        lines.extend(more)
    return "".join(f"{line}\n" for line in (*lines, *old[end:]))
