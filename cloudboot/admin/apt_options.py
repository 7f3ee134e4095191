"""What a document says of apt, and the older keys that said the same."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, ListOf, MapOf, Record, Text, Uri

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple, Union

REPOSITORY = r"^[\w-]+:\w"
SINCE = "22.1"


class Mirror(Noun):
    """A mirror and the architectures it is for. Of ``uri``, ``search`` and ``search_dns`` the first counts that is
    there."""

    arches: Tuple[str, ...] = option(
        ListOf(Text, least=1), required=True, help="architectures in dpkg's words, or default for all others"
    )
    uri: Optional[str] = option(Uri, default=None, help="where the mirror is")
    search: Tuple[str, ...] = option(ListOf(Uri, least=1), default=(), help="the first of these whose name resolves")
    search_dns: bool = option(
        Bool, default=False, help="look for a host DISTRIBUTION-mirror (-security-mirror) in the machine's domain"
    )
    keyid: Optional[str] = option(Text, default=None, help="id of the key that signs it, asked of keyserver")
    key: Optional[str] = option(Text, default=None, help="the key that signs it, in ASCII armour")
    keyserver: Optional[str] = option(
        Text, default=None, help="where keyid is asked for; keyserver.ubuntu.com if not given"
    )


class Source(Noun):
    """A further list of packages, and the key that vouches for them."""

    _least = 1
    source: Optional[str] = option(
        Text, default=None, help="lines or stanzas, or a name for add-apt-repository such as ppa:team/name"
    )
    keyid: Optional[str] = option(Text, default=None, help="id of the key that signs it, asked of keyserver")
    key: Optional[str] = option(Text, default=None, help="the key that signs it, in ASCII armour")
    keyserver: Optional[str] = option(
        Text, default=None, help="where keyid is asked for; keyserver.ubuntu.com if not given"
    )
    filename: Optional[str] = option(
        Text, default=None, help="the file, below /etc/apt/sources.list.d; the entry's name if not given"
    )
    append: bool = option(Bool, default=True, help="keep what is in the file, and add to it")


class Apt(Noun):
    _least = 1
    preserve_sources_list: Optional[bool] = option(
        Bool, default=None, help="leave the distribution's own list as it is"
    )
    disable_suites: Tuple[str, ...] = option(
        ListOf(Text, least=1, unique=True),
        default=(),
        help="suites to take nothing from: updates, backports, security, proposed, release, or by name",
    )
    primary: Tuple[Mirror, ...] = option(ListOf(Mirror, least=1), default=(), help="mirrors of the packages")
    security: Tuple[Mirror, ...] = option(ListOf(Mirror, least=1), default=(), help="mirrors of the security updates")
    add_apt_repo_match: str = option(
        Text, default=REPOSITORY, help="sources that this regular expression finds are for add-apt-repository"
    )
    debconf_selections: Mapping[str, str] = option(
        MapOf(Text, keys=".", least=1), default={}, help="answers to packages' questions, by a name of your choosing"
    )
    sources_list: str = option(Text, default="", help="the distribution's own list, with names to be filled in")
    conf: str = option(Text, default="", help="lines of apt.conf(5)")
    preferences: str = option(Text, default="", help="stanzas of apt_preferences(5)")
    proxy: str = option(Text, default="", help="the same as http_proxy, or auto to look for one")
    http_proxy: str = option(Text, default="", help="the proxy for http, and for https where that has none")
    https_proxy: str = option(Text, default="", help="the proxy for https")
    ftp_proxy: str = option(Text, default="", help="the proxy for ftp")
    host_proxies: Mapping[str, str] = option(
        MapOf(Text), default={}, help="by host, the proxy for it alone, or DIRECT for none"
    )
    sources: Mapping[str, Source] = option(MapOf(Source, keys="."), default={}, help="further lists, by name")


def _old(shape: Any, instead: str) -> Any:
    return option(
        shape, default=None, since=SINCE, instead=f"apt: {{{instead}: ...}}", help=f"what {instead} of apt is now"
    )


class Options(Noun):
    apt: Apt = option(Record(Apt), default=Apt(), help="what apt is told")
    apt_preserve_sources_list: Optional[bool] = _old(Bool, "preserve_sources_list")
    apt_mirror: Optional[str] = _old(Uri, "primary")
    apt_mirror_search: Optional[Tuple[str, ...]] = _old(ListOf(Uri), "primary")
    apt_mirror_search_dns: Optional[bool] = _old(Bool, "primary")
    apt_custom_sources_list: Optional[str] = _old(Text, "sources_list")
    apt_proxy: Optional[str] = _old(Text, "proxy")
    apt_http_proxy: Optional[str] = _old(Text, "http_proxy")
    apt_https_proxy: Optional[str] = _old(Text, "https_proxy")
    apt_ftp_proxy: Optional[str] = _old(Text, "ftp_proxy")
    apt_sources: Any = _old(AnyOf(ListOf(Source, apart=True), MapOf(Source)), "sources")
    add_apt_repo_match: Optional[str] = _old(Text, "add_apt_repo_match")
    debconf_selections: Union[str, Mapping[str, str], None] = _old(AnyOf(Text, MapOf(Text)), "debconf_selections")


RENAMED = {"apt_preserve_sources_list": "preserve_sources_list", "apt_custom_sources_list": "sources_list",
           "apt_proxy": "proxy", "apt_http_proxy": "http_proxy", "apt_https_proxy": "https_proxy",
           "apt_ftp_proxy": "ftp_proxy", "add_apt_repo_match": "add_apt_repo_match"}  # fmt: skip
LEGACY_FILE = "cloudboot_sources"


def asked(options: Options) -> Apt:
    """What is asked for, in the words of today; where both are there the older ones say nothing."""
    older: Dict[str, Any] = {new: getattr(options, old) for old, new in RENAMED.items()}
    if options.apt_mirror or options.apt_mirror_search or options.apt_mirror_search_dns:
        older["primary"] = (Mirror(arches=("default",), uri=options.apt_mirror, search=options.apt_mirror_search or (),
                                   search_dns=bool(options.apt_mirror_search_dns)),)  # fmt: skip
    if isinstance(options.debconf_selections, str):
        older["debconf_selections"] = {"debconf_selections": options.debconf_selections}
    else:
        older["debconf_selections"] = options.debconf_selections
    older["sources"] = _sources(options.apt_sources)
    unsaid = {
        name: value for name, value in older.items() if value and getattr(options.apt, name) == getattr(Apt(), name)
    }
    return options.apt.but(**unsaid)


def _sources(given: Any) -> Mapping[str, Source]:
    """A list names no entries: each is called by its file, and those without one share a file."""
    if not given or isinstance(given, dict):
        return given or {}
    named: Dict[str, Source] = {}
    for n, source in enumerate(given):
        file = source.filename or LEGACY_FILE
        named[f"{n}-{file.rpartition('/')[2]}" if file in (s.filename for s in named.values()) else file] = source.but(
            filename=file
        )
    return named
