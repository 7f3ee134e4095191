"""A central log server as rsyslog is told of it: by which protocol, believed by what certificate, and with a queue on
disk for as long as the server is away.

Every message bears the instance's id, as structured data (RFC 5424) named ``instance@32473``, so that one search finds
all that a machine said. The number is the one that is kept for examples (RFC 5612); receivers need not know it.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Int, ListOf, Record, SecretText, Shape, Text

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

    from cloudboot.schema import Problem
    from cloudboot.schema.problem import Path
    from cloudboot.values import Os, Secret

UDP, TCP, RELP = "udp", "tcp", "relp"
PORTS = {(UDP, False): 514, (TCP, False): 514, (TCP, True): 6514, (RELP, False): 2514, (RELP, True): 2514}
SPOOLS = ("/var/spool/rsyslog", "/var/lib/rsyslog")
"""Where distributions let rsyslog keep queues; the first where neither is there."""
BUNDLES = {
    "redhat": "/etc/pki/tls/certs/ca-bundle.crt",
    "suse": "/var/lib/ca-certificates/ca-bundle.pem",
    "arch": "/etc/ssl/certs/ca-certificates.crt",
}
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
LIBRARY = {RELP: "omrelp.so", TCP: "lmnsd_gtls.so"}
"""What rsyslog loads for a protocol, for TCP with TLS only."""
PACKAGES = {
    RELP: {"suse": "rsyslog-module-relp"},
    TCP: {"suse": "rsyslog-module-gtls", "alpine": "rsyslog-tls"},
}
PACKAGE = {RELP: "rsyslog-relp", TCP: "rsyslog-gnutls"}
WITHIN = ("arch", "gentoo")
"""Families whose rsyslog has all of it in one package."""


class Target(Noun):
    """A log server, and how messages come to it."""

    host: str = option(Text, required=True, default="", help="its name or address")
    protocol: str = option(Choice(RELP, TCP, UDP), default=RELP, help="relp loses nothing; tcp what was under way")
    port: Optional[int] = option(Int(least=1, most=65535), default=None, help="2514 for relp, 514, or 6514 with TLS")
    match: str = option(Text, default="*.*", help="which messages: a selector such as auth.*;mail.warning")
    tls: bool = option(Bool, default=False, help="encrypted, and to none but that server")
    ca_cert: Optional[str] = option(
        Text, default=None, help="certificates of the authority that signs for it, in PEM; else the machine's own"
    )
    cert: Optional[str] = option(Text, default=None, help="this machine's certificate, in PEM, where the server asks")
    key: Optional[Secret] = option(SecretText, default=None, help="the private key of cert, in PEM")
    permitted_peer: Tuple[str, ...] = option(
        AnyOf(ListOf(Text, least=1), Text), default=(), help="names its certificate may bear; its host if not given"
    )
    queue_size: str = option(
        Text(r"^[1-9][0-9]*[kKmMgG]?$", "a size such as 500m"), default="1g", help="what may wait on disk for it"
    )


def files_of(name: str, target: Target, folder: str) -> Dict[str, Tuple[str, bool]]:
    """What the server's configuration refers to: by path its content, and whether that is secret."""
    parts = {"ca": target.ca_cert, "cert": target.cert, "key": target.key.reveal() if target.key else None}
    return {f"{folder}/{name}-{part}.pem": (text.rstrip("\n") + "\n", part == "key")
            for part, text in parts.items() if text and target.tls}  # fmt: skip


def lines(name: str, target: Target, os: Os, folder: str, spool: str) -> Iterator[str]:
    """The action that sends what matches to the server. ``name`` is that of its queue and files too."""
    secure = target.tls and target.protocol != UDP
    about: Dict[str, str] = {
        "type": "omrelp" if target.protocol == RELP else "omfwd",
        "target": target.host,
        "port": str(target.port or PORTS[target.protocol, secure]),
        "template": "cloudboot",
    }
    if target.protocol != RELP:
        about["protocol"] = target.protocol
    if target.protocol == TCP:
        about["TCP_Framing"] = "octet-counted"
    if target.protocol != UDP:
        about.update(
            {
                "queue.type": "LinkedList",
                "queue.size": "10000",
                "queue.highWatermark": "500",  # from so many on they are on disk, where a power cut leaves them
                "queue.lowWatermark": "100",
                "queue.filename": f"cloudboot-{name}",
                "queue.spoolDirectory": spool,
                "queue.maxDiskSpace": target.queue_size,
                "queue.saveOnShutdown": "on",
                "queue.timeoutEnqueue": "0",  # what is more than the disk may take is lost, and holds nobody up
                "action.resumeRetryCount": "-1",
                "action.resumeInterval": "5",
                "action.resumeIntervalMax": "60",
            }
        )
    lists: Dict[str, List[str]] = {}
    if secure:
        names = _tls(name, target, os, folder)
        peers = list((target.permitted_peer,) if isinstance(target.permitted_peer, str) else target.permitted_peer)
        peers = peers or [target.host]
        if target.protocol == RELP:
            about.update(names)
            lists["tls.permittedPeer"] = peers
        else:
            about.update(names, StreamDriverPermittedPeers=",".join(peers))
    words = [f"{key}={quoted(value)}" for key, value in about.items()]
    words += [f"{key}=[{', '.join(quoted(value) for value in values)}]" for key, values in lists.items()]
    yield f"{target.match} action("
    yield from (f"    {word}" for word in words)
    yield ")"


def _tls(name: str, target: Target, os: Os, folder: str) -> Mapping[str, str]:
    """Whom the server and this machine are known by, in the words of each protocol."""
    authority = f"{folder}/{name}-ca.pem" if target.ca_cert else BUNDLES.get(os.family, BUNDLE)
    own = {"cert": f"{folder}/{name}-cert.pem", "key": f"{folder}/{name}-key.pem"} if target.cert else {}
    if target.protocol == RELP:
        keys = {"cert": "tls.myCert", "key": "tls.myPrivKey"}
        return {"tls": "on", "tls.authMode": "name", "tls.caCert": authority, **{keys[k]: v for k, v in own.items()}}
    keys = {"cert": "StreamDriver.CertFile", "key": "StreamDriver.KeyFile"}
    return {"StreamDriver": "gtls", "StreamDriverMode": "1", "StreamDriverAuthMode": "x509/name",
            "StreamDriver.CAFile": authority, **{keys[k]: v for k, v in own.items()}}  # fmt: skip


def head(instance_id: str, targets: Mapping[str, Target]) -> Iterator[str]:
    """What comes before all actions: the modules to load, and the instance's id as a property of every message."""
    if any(target.protocol == RELP for target in targets.values()):
        yield 'module(load="omrelp")'
    yield f"set $!instance_id = {quoted(instance_id)};"
    yield f"set $.instance = {quoted(_datum(instance_id))};"
    yield 'if $structured-data != "-" then { set $.instance = $structured-data & $.instance; }'
    yield ('template(name="cloudboot" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% %HOSTNAME% '
           '%APP-NAME% %PROCID% %MSGID% %$.instance%%msg:::sp-if-no-1st-sp%%msg%\\n")')  # fmt: skip


def _datum(instance_id: str) -> str:
    """The id as structured data; RFC 5424, 6.3.3 has three characters escaped."""
    for special in '\\"]':
        instance_id = instance_id.replace(special, f"\\{special}")
    return f'[instance@32473 id="{instance_id}"]'


class Remote(Shape):
    """A log server as a mapping, or as a text in the older language; one that is wrong loses nobody the others."""

    says = "a text or a mapping"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            return value
        mine: List[Problem] = []
        target = Record(Target).parse(value, path, mine)
        lost = any(problem.level == "error" for problem in mine)
        found.extend(p.but(level="dropped") if lost and p.level == "error" else p for p in mine)
        return None if lost else target

    def schema(self) -> Dict[str, Any]:
        return {"anyOf": [{"type": ["string", "null"]}, Record(Target).schema()]}


def missing(os: Os, targets: Mapping[str, Target], installed: Mapping[str, bool]) -> Tuple[str, ...]:
    """The packages that these servers need beside rsyslog itself; ``installed``: which libraries are there."""
    needed = {RELP for t in targets.values() if t.protocol == RELP}
    needed |= {TCP for t in targets.values() if t.protocol == TCP and t.tls}
    if os.family in WITHIN:
        return ()
    return tuple(PACKAGES[kind].get(os.family, PACKAGE[kind]) for kind in sorted(needed)
                 if not installed.get(LIBRARY[kind]))  # fmt: skip


def quoted(text: str) -> str:
    """A text in the language of rsyslog.conf(5)."""
    for special in '\\"$':
        text = text.replace(special, f"\\{special}")
    return f'"{text}"'
