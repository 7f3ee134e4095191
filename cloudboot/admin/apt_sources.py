"""The lists of what apt takes packages from, in both their forms: one line each, and deb822 stanzas. Text in, text
out."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Sequence

    from cloudboot.admin.apt_mirrors import Mirrors
    from cloudboot.values import Os

SUITES = {"updates": "{}-updates", "backports": "{}-backports", "security": "{}-security", "proposed": "{}-proposed",
          "release": "{}"}  # fmt: skip
"""What a suite may be called for short."""
COMPONENTS = {"ubuntu": "main restricted universe multiverse", "debian": "main"}
OFF = "# disabled by disable_suites: "


def standard(os: Os, release: str, mirrors: Mirrors, keyrings: Mapping[str, str]) -> str:
    """The distribution's own stanzas. ``keyrings``: the key of the primary and of the security mirror, where they have
    keys of their own."""
    keyring = f"/usr/share/keyrings/{os.id}-archive-keyring.gpg"
    components = COMPONENTS.get(os.id, "main")
    major = os.version.partition(".")[0]
    if os.id == "debian" and not (major.isdigit() and int(major) < 12):
        components += " non-free-firmware"
    old = os.id == "debian" and major.isdigit() and int(major) < 11
    guarded = f"{release}/updates" if old else f"{release}-security"
    return (
        "# Written by cloudboot for apt. To keep a list of your own: `apt: {preserve_sources_list: true}`.\n"
        + _stanza(mirrors.primary, f"{release} {release}-updates {release}-backports", components,
                  keyrings.get("primary", keyring))
        + "\n"
        + _stanza(mirrors.security, guarded, components, keyrings.get("security", keyring))
    )  # fmt: skip


def _stanza(uri: str, suites: str, components: str, keyring: str) -> str:
    return f"Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: {components}\nSigned-By: {keyring}\n"


def is_deb822(text: str) -> bool:
    """Whether a list is one of stanzas."""
    return any(line.lower().startswith(("types:", "uris:", "suites:")) for line in text.splitlines())


def filled(text: str, values: Mapping[str, str], name: str) -> str:
    """A list with its names filled in: in Jinja where its first line asks for that, else ``$NAME`` and ``${NAME}``;
    other words with a dollar, such as apt's own ``$(ARCH)``, stay."""
    from cloudboot.userdata import template

    if template.is_template(text):
        return template.render(text, {**values, **{k.lower(): v for k, v in values.items()}}, name).text
    import re

    def value(found: re.Match[str]) -> str:
        return values.get(found[1] or found[2], found[0])

    return re.sub(r"\$\{(\w+)\}|\$(\w+)", value, text)


def without(text: str, suites: Sequence[str], release: str) -> str:
    """A list in which nothing is taken from these suites any more."""
    gone = {SUITES.get(s, s).format(release).replace("$RELEASE", release) for s in suites}
    if not gone:
        return text
    if is_deb822(text):
        return "\n\n".join(_without(stanza, gone) for stanza in text.rstrip("\n").split("\n\n")) + "\n"
    return "".join(f"{OFF if _suite(line) in gone else ''}{line}\n" for line in text.splitlines())


def _suite(line: str) -> str:
    """The suite of a line, empty where it names none: ``deb [option=value ...] URI SUITE COMPONENT...``."""
    words = line.split()
    if not words or words[0] not in ("deb", "deb-src"):
        return ""
    at = 1
    if words[1:] and words[1].startswith("["):
        while at < len(words) and not words[at].endswith("]"):
            at += 1
        at += 1
    return words[at + 1] if at + 1 < len(words) else ""


def _without(stanza: str, gone: set[str]) -> str:
    """A stanza without these suites; one that has no others is all comment."""
    lines: List[str] = []
    left = True
    inside = False
    for line in stanza.splitlines():
        name, colon, rest = line.partition(":")
        continued = line[:1] in (" ", "\t") and inside
        inside = continued or (colon == ":" and name.lower() == "suites")
        if not inside:
            lines.append(line)
            continue
        kept = [suite for suite in (line if continued else rest).split() if suite not in gone]
        if continued and kept:
            lines[-1] += " " + " ".join(kept)
        elif not continued:
            lines.append(f"{name}: {' '.join(kept)}".rstrip())
            left = False
        left = left or bool(kept)
    if left:
        return "\n".join(lines)
    return "\n".join(line if line.startswith("#") else OFF + line for line in stanza.splitlines())


def path_of(name: str, source: str) -> str:
    """The file that an entry's list is in: its name as it is where that is a path, else below sources.list.d with the
    end by which apt knows the form."""
    end = ".sources" if is_deb822(source) else ".list"
    path = name if name.startswith("/") else f"/etc/apt/sources.list.d/{name}"
    return path if path.endswith(end) else path[: -len(".list")] + end if path.endswith(".list") else path + end


def joined(before: str, text: str) -> str:
    """A list with another at its end, each line or stanza once."""
    text = text.strip("\n")
    if is_deb822(text):
        parts = [part for part in before.strip("\n").split("\n\n") if part]
        return "\n\n".join(parts + [part for part in text.split("\n\n") if part and part not in parts]) + "\n"
    lines = before.splitlines()
    return "".join(f"{line}\n" for line in lines + [line for line in text.splitlines() if line not in lines])


def names(release: str, mirrors: Mirrors) -> Dict[str, str]:
    """What the names in a list stand for."""
    return {"RELEASE": release, "CODENAME": release, "MIRROR": mirrors.primary, "PRIMARY": mirrors.primary,
            "SECURITY": mirrors.security}  # fmt: skip
