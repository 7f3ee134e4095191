"""What apt takes packages from, written: the distribution's list, further ones, and the keys that vouch for them."""

from __future__ import annotations

from cloudboot.admin import apt_keys, apt_sources
from cloudboot.admin.apt_mirrors import Chooser
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from cloudboot.admin.apt_mirrors import Mirrors
    from cloudboot.admin.apt_options import Apt, Mirror, Source
    from cloudboot.errors import Trouble
    from cloudboot.system.door import System
    from cloudboot.values import Host, Instance

LIST = "/etc/apt/sources.list"
KEY_FILE = "$KEY_FILE"


def write(system: System, wanted: Apt, host: Host, instance: Instance, config: Mapping[str, Any], domain: str,
          trouble: Trouble) -> None:  # fmt: skip
    """All that is wanted of them; what fails is added to ``trouble``, and keeps nothing else from being done."""
    chooser = Chooser(system, host, instance, domain)
    info = config.get("system_info")
    mirrors = chooser.choose(wanted.primary, wanted.security, info.get("package_mirrors") if info else None)
    release = host.os.codename or system.query("lsb_release", "-cs").stdout.decode("ascii", "replace").strip()
    if not wanted.preserve_sources_list and (_is_said(wanted, mirrors) or not _has_sources(system)):
        keys = {"primary": chooser.fitting(wanted.primary), "security": chooser.fitting(wanted.security)}
        with trouble:
            _write_list(system, wanted, host, release, mirrors, {k: m for k, m in keys.items() if m and _has_key(m)})
        for name, mirror in keys.items():
            with trouble:
                if mirror:
                    apt_keys.place(system, _trusted(name), mirror.key, mirror.keyid, mirror.keyserver)
    values = apt_sources.names(release, mirrors)
    for name, source in wanted.sources.items():
        with trouble:
            _add(system, wanted, host, name, source, values)


def _is_said(wanted: Apt, mirrors: Mirrors) -> bool:
    return bool(mirrors.said or wanted.sources_list or wanted.disable_suites or wanted.preserve_sources_list is False)


def _has_sources(system: System) -> bool:
    """Whether apt has anywhere to take packages from."""
    files = system.names("/etc/apt/sources.list.d")
    return _has_entries(system) or any(name.endswith((".list", ".sources")) for name in files)


def _has_entries(system: System) -> bool:
    return any(line.split()[:1] in (["deb"], ["deb-src"]) for line in (system.text(LIST) or "").splitlines())


def _write_list(system: System, wanted: Apt, host: Host, release: str, mirrors: Mirrors,
                keyed: Mapping[str, Mirror]) -> None:  # fmt: skip
    """The distribution's own list, in the one file of the two that suits its form; the other one goes."""
    os = host.os
    if wanted.sources_list:
        keys = {f"{name.upper()}_KEY": _trusted(name) for name in keyed}
        values = {**apt_sources.names(release, mirrors), **keys}
        text = apt_sources.filled(wanted.sources_list, values, "apt.sources_list")
    elif mirrors.primary and release:
        text = apt_sources.standard(os, release, mirrors, {name: _trusted(name) for name in keyed})
    else:
        system.warn(f"where {os.name or os.id} has its packages is not known here: its list of sources stays as it is")
        return
    text = apt_sources.without(text, wanted.disable_suites, release)
    own, other = f"/etc/apt/sources.list.d/{os.id}.sources", LIST
    if not apt_sources.is_deb822(text):
        own, other = other, own
    system.write(own, text.rstrip("\n") + "\n")
    if other != LIST or _has_entries(system):
        system.remove(other)


def _add(system: System, wanted: Apt, host: Host, name: str, source: Source, values: Mapping[str, str]) -> None:
    """One entry of ``sources``: its key first, so that no list is there without it."""
    text = source.source or ""
    stem = name.strip("/").replace("/", "-")
    stem = stem[: -len(".list")] if stem.endswith(".list") else stem
    keyring = f"{apt_keys.KEYRINGS}/{stem}.gpg" if KEY_FILE in text or "${KEY_FILE}" in text else _trusted(stem)
    apt_keys.place(system, keyring, source.key, source.keyid, source.keyserver)
    if not text:
        return
    text = apt_sources.filled(text, {**values, "KEY_FILE": keyring}, f"apt.sources.{name}")
    if _matches(wanted.add_apt_repo_match, text):
        if not system.which("add-apt-repository"):
            from cloudboot.admin import packages

            packages.ensure(system, host.os, "software-properties-common")
        system.run("add-apt-repository", "--yes", "--no-update", text.strip(), env={"LC_ALL": "C.UTF-8"}, timeout=120.0)
        return
    path = apt_sources.path_of(source.filename or name, text)
    before = (system.text(path) or "") if source.append else ""
    system.write(path, apt_sources.joined(before, text), secret="@" in text)


def _matches(pattern: str, text: str) -> bool:
    import re

    try:
        return re.search(pattern, text) is not None
    except re.error:
        raise CloudbootError("apt.add_apt_repo_match is no regular expression") from None


def _trusted(name: str) -> str:
    return f"{apt_keys.TRUSTED}/{name}.gpg"


def _has_key(mirror: Optional[Mirror]) -> bool:
    return bool(mirror and (mirror.key or mirror.keyid))
