"""locale: the language and character set of this machine's programs.

    locale: en_GB.UTF-8

Generated first where the distribution does that (Debian, Arch, Gentoo) and the machine has not got it, then written as
LANG to /etc/default/locale (Debian), /etc/locale.conf, or what ``locale_configfile`` names. With no locale asked for, a
machine that has none gets C.UTF-8; ``locale: false`` leaves it alone.
"""

from __future__ import annotations

from cloudboot.admin.assignments import assigned, value_of
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Union

FILES = {
    "debian": "/etc/default/locale",
    "alpine": "/etc/profile.d/50-cloudboot-locale.sh",
    "gentoo": "/etc/env.d/02locale",
}
GENERATED = ("debian", "arch", "gentoo")
BUILT_IN = ("C", "POSIX", "C.UTF-8", "C.utf8")


def is_word(text: str) -> bool:
    """What ``PATTERN`` matches."""
    word = text.removesuffix("\n")
    return word != "" and all(c in "_.@-" or (c.isascii() and c.isalnum()) for c in word)


PATTERN = r"^[A-Za-z0-9_.@-]+$"
WORD = Text(PATTERN, says="a locale such as en_GB.UTF-8", fits=is_word)


class Options(Noun):
    locale: Union[bool, str] = option(AnyOf(Bool, WORD), default=True, help="a locale, or false to leave it alone")
    locale_configfile: Optional[str] = option(Text, default=None, help="the file that names it, where not the usual")


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.locale is False:
        return
    family = boot.host.os.family
    path = options.locale_configfile or FILES.get(family, "/etc/locale.conf")
    text = system.text(path) or ""
    if options.locale is not True:
        wanted = options.locale
        if family in GENERATED and not _is_there(system, wanted):
            _generate(system, boot, wanted)
    elif value_of(text, "LANG"):
        return
    else:
        wanted = "C.UTF-8"
    changed = system.write(path, assigned(text, {"LANG": wanted}, "export " if path.endswith(".sh") else ""))
    if changed and family == "gentoo":
        system.run("env-update")


def _is_there(system: System, wanted: str) -> bool:
    if wanted in BUILT_IN:
        return True
    known = system.query("locale", "-a").stdout.decode("utf-8", "replace").split()
    return _plain(wanted) in map(_plain, known)


def _plain(name: str) -> str:
    """``en_GB.UTF-8`` and ``en_GB.utf8`` are one."""
    start, dot, charset = name.partition(".")
    return start + dot + charset.lower().replace("-", "")


def _generate(system: System, boot: Boot, wanted: str) -> None:
    if boot.host.os.family == "debian" and not system.which("locale-gen"):
        from cloudboot.admin import packages

        packages.ensure(system, boot.host.os, "locales")
    supported = (system.text("/usr/share/i18n/SUPPORTED") or "").splitlines()
    charset = wanted.partition("@")[0].partition(".")[2] or "UTF-8"
    line = next((entry for entry in supported if entry.split()[:1] == [wanted]), f"{wanted} {charset}")
    lines = (system.text("/etc/locale.gen") or "").splitlines()
    if line not in lines:
        lines = [line if entry.lstrip("# ").strip() == line else entry for entry in lines]
        lines += [] if line in lines else [line]
        system.write("/etc/locale.gen", "".join(entry + "\n" for entry in lines))
    system.run("locale-gen", timeout=600.0)


MODULE = Module("locale", Stage.CONFIG, Every.INSTANCE, Options, apply, unasked=True, after=("keyboard",))
