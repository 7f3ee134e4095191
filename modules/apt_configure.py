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

from cloudboot.admin import hostname
from cloudboot.admin.apt_options import Apt, Options, asked
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.system.door import System

CONF = "/etc/apt/apt.conf.d/94cloudboot-config"
PROXIES = "/etc/apt/apt.conf.d/90cloudboot-proxy"
PREFERENCES = "/etc/apt/preferences.d/90cloudboot"
AUTO, DIRECT = "auto", "DIRECT"


def apply(system: System, options: Options, boot: Boot) -> None:
    wanted = asked(options)
    if wanted == Apt() and not system.which("apt-get"):
        return
    trouble = Trouble()
    if wanted.debconf_selections:
        from cloudboot.admin import debconf

        with trouble:
            debconf.answer_all(system, wanted.debconf_selections.values())
    domain = hostname.names(boot.config, boot.instance).full.partition(".")[2]
    _configure(system, wanted if wanted.proxy != AUTO else _with_found(system, wanted, domain))
    if wanted.sources or not wanted.preserve_sources_list:
        from cloudboot.admin import apt_lists

        apt_lists.write(system, wanted, boot.host, boot.instance, boot.config, domain, trouble)
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


MODULE = Module("apt_configure", Stage.CONFIG, Every.INSTANCE, Options, apply, unasked=True, distros=("debian",),
                after=("apt_pipelining",))  # fmt: skip
