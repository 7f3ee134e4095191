"""apt_configure: where apt takes packages from, through which proxy, and whom it believes.

    apt:
      primary:
        - arches: [default]
          search: [http://mirror.example.org/debian, http://archive.example.org/debian]
      security:
        - arches: [default]
          uri: http://security.example.org/debian-security
      disable_suites: [backports]
      http_proxy: http://proxy.example.org:3142
      host_proxies: {packages.example.org: DIRECT}
      conf: |
        APT::Install-Recommends "false";
      preferences: |
        Package: nginx*
        Pin: origin packages.example.org
        Pin-Priority: 900
      debconf_selections:
        postfix: postfix postfix/main_mailer_type select No configuration
      sources:
        example.list:
          source: deb [signed-by=$KEY_FILE] https://packages.example.org/apt $RELEASE main
          keyid: 79A02CFC104EB4AD17D967FC699E3C10DD509C6D
        tools:
          source: |
            Types: deb
            URIs: https://tools.example.org/apt
            Suites: stable
            Components: main
        team: {source: "ppa:team/tools"}

The distribution's own list becomes /etc/apt/sources.list.d/DISTRIBUTION.sources and /etc/apt/sources.list goes;
``sources_list`` takes its place, in either form, with ``$RELEASE``, ``$MIRROR``, ``$PRIMARY`` and ``$SECURITY`` filled
in. It is written when something is said of mirrors, suites or that list, when the image names mirrors
(``system_info.package_mirrors``, by ``%(region)s``, ``%(ec2_region)s`` and ``%(availability_zone)s``), or when there is
no list; with ``preserve_sources_list: true`` never. A mirror is the first of uri, search and search_dns; who names a
primary one alone has security updates from it too.

A source is lines, stanzas, or what add-apt-repository knows (``add_apt_repo_match``). With ``$KEY_FILE`` in it its key
is good for it alone, else for all. A key from a key server is checked against ``keyid``; all 40 digits cannot be
forged. ``append: false`` replaces the file. Proxies, conf and preferences that nobody asks for any more are removed.
``proxy: auto`` looks for a proxy on this network, once: the URL that ``http_proxy`` names, else that of the DNS record
``_apt_proxy._tcp`` of the machine's domain, else a host archive.local or apt-proxy. It has to answer within 300 ms;
where none does, apt goes without. The older ``apt_...`` keys work.
"""

from __future__ import annotations

from cloudboot.admin import apt_keys, apt_sources, debconf, hostname
from cloudboot.admin.apt_mirrors import Chooser, Mirror, Mirrors
from cloudboot.admin.apt_options import Apt, Options, Source, asked
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Mapping, Optional

CONF = "/etc/apt/apt.conf.d/94cloudboot-config"
PROXIES = "/etc/apt/apt.conf.d/90cloudboot-proxy"
PREFERENCES = "/etc/apt/preferences.d/90cloudboot"
LIST = "/etc/apt/sources.list"
KEY_FILE = "$KEY_FILE"
AUTO, DIRECT = "auto", "DIRECT"


def apply(system: System, options: Options, boot: Boot) -> None:
    wanted = asked(options)
    if wanted == Apt() and not system.which("apt-get"):
        return
    trouble = Trouble()
    with trouble:
        debconf.answer_all(system, wanted.debconf_selections.values())
    domain = hostname.names(boot.config, boot.instance).full.partition(".")[2]
    _configure(system, wanted if wanted.proxy != AUTO else _with_found(system, wanted, domain))
    chooser = Chooser(system, boot.host, boot.instance, domain)
    info = boot.config.get("system_info")
    mirrors = chooser.choose(wanted.primary, wanted.security, info.get("package_mirrors") if info else None)
    release = boot.host.os.codename or system.query("lsb_release", "-cs").stdout.decode("ascii", "replace").strip()
    if not wanted.preserve_sources_list and (_is_said(wanted, mirrors) or not _has_sources(system)):
        keys = {"primary": chooser.fitting(wanted.primary), "security": chooser.fitting(wanted.security)}
        with trouble:
            _write_list(system, wanted, boot, release, mirrors, {k: m for k, m in keys.items() if m and _has_key(m)})
        for name, mirror in keys.items():
            with trouble:
                if mirror:
                    apt_keys.place(system, _trusted(name), mirror.key, mirror.keyid, mirror.keyserver)
    values = apt_sources.names(release, mirrors)
    for name, source in wanted.sources.items():
        with trouble:
            _add(system, wanted, boot, name, source, values)
    trouble.tell()


def _configure(system: System, wanted: Apt) -> None:
    """The files that say how apt works; one with nothing in it is removed."""
    proxies = {"http": wanted.http_proxy or wanted.proxy, "https": wanted.https_proxy, "ftp": wanted.ftp_proxy}
    lines = [f'Acquire::{way}::Proxy "{url}";\n' for way, url in proxies.items() if url]
    lines += [f'Acquire::{way}::Proxy::{host} "{url}";\n' for host, url in wanted.host_proxies.items()
              for way in ("http", "https")]  # fmt: skip
    for path, text in ((PROXIES, "".join(lines)), (CONF, wanted.conf), (PREFERENCES, wanted.preferences)):
        if text:
            # Everybody's apt reads these files, so that a password in them is everybody's: diffs need not show it too.
            system.write(path, text.rstrip("\n") + "\n", secret="@" in text)
        else:
            system.remove(path)


def _with_found(system: System, wanted: Apt, domain: str) -> Apt:
    """What is wanted, with the proxy that was found. Those who cache packages seldom hand https on, so that it goes to
    them only when somebody says so."""
    from cloudboot.admin import apt_proxy

    proxy = apt_proxy.find(system, domain, wanted.http_proxy)
    return wanted.but(proxy=proxy, http_proxy="", https_proxy=wanted.https_proxy or (DIRECT if proxy else ""))


def _is_said(wanted: Apt, mirrors: Mirrors) -> bool:
    return bool(mirrors.said or wanted.sources_list or wanted.disable_suites or wanted.preserve_sources_list is False)


def _has_sources(system: System) -> bool:
    """Whether apt has anywhere to take packages from."""
    files = system.names("/etc/apt/sources.list.d")
    return _has_entries(system) or any(name.endswith((".list", ".sources")) for name in files)


def _has_entries(system: System) -> bool:
    return any(line.split()[:1] in (["deb"], ["deb-src"]) for line in (system.text(LIST) or "").splitlines())


def _write_list(system: System, wanted: Apt, boot: Boot, release: str, mirrors: Mirrors,
                keyed: Mapping[str, Mirror]) -> None:  # fmt: skip
    """The distribution's own list, in the one file of the two that suits its form; the other one goes."""
    os = boot.host.os
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


def _add(system: System, wanted: Apt, boot: Boot, name: str, source: Source, values: Mapping[str, str]) -> None:
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

            packages.ensure(system, boot.host.os, "software-properties-common")
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


MODULE = Module("apt_configure", Stage.CONFIG, Every.INSTANCE, Options, apply, unasked=True, distros=("debian",),
                after=("apt_pipelining",))  # fmt: skip
