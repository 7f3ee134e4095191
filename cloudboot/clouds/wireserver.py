"""Azure's wireserver: what role this machine has there, and what became of it.

Its protocol has versions, and it lists those that it speaks. Facts: "Wireserver" in the datasources reference, after
WALinuxAgent; Microsoft's "Creating generalized images without a provisioning agent".
"""

from __future__ import annotations

from cloudboot.errors import Unreachable
from cloudboot.http.service import Refused, Service
from cloudboot.metadata.markup import child, children, document, text
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, Optional
    from xml.etree.ElementTree import Element

    from cloudboot.datasource import Probe

ENDPOINT = "168.63.129.16"
SPOKEN = ("2012-11-30",)
"""The versions of its protocol that are spoken here, the newest first."""
AGENT = {"x-ms-agent-name": "cloudboot"}
VERSIONS, GOAL, HEALTH = "/?comp=versions", "/machine/?comp=goalstate", "/machine?comp=health"
AGAIN = (404, 408, 410, 429, 500, 502, 503, 504)
BUDGET, ATTEMPT = 120.0, 30.0
MOST_DESCRIPTION = 512
MOST_NAMED = 8
CIPHERS = ("AES128_CBC", "DES_EDE3_CBC")
FORMAT = "Pkcs7BlobWithPfxContents"


class Goal(Noun):
    """What the wireserver has for this machine now, and the version of the protocol that it was told in;
    ``certificates`` is the path of the bag with its keys."""

    version: str
    incarnation: str
    container: str
    role: str
    certificates: str = ""


def place(probe: Probe, known: str = "") -> str:
    """The wireserver's URL; ``known`` is what it was when a lease told of it. DHCP's option 245 may name it, but only
    where a machine finds its platform: whoever answers DHCP on this network must not choose who is told of
    this machine's keys."""
    told = probe.settings.get("wireserver_url")
    if isinstance(told, str) and told:
        return told
    offered = probe.lease.wireserver if probe.lease is not None else ""
    for address in (offered, known.partition("://")[2]):
        if address == ENDPOINT or address.startswith("169.254."):
            return f"http://{address}"
    return f"http://{ENDPOINT}"


def reached(probe: Probe, url: str) -> Service:
    budget = BUDGET if probe.patience is None else min(BUDGET, probe.patience)
    attempt = min(ATTEMPT, budget)
    return Service("Azure's wireserver", [url], budget=budget, attempt=attempt, again=AGAIN, headers=AGENT,
                   waiting=probe.waiting)  # fmt: skip


def agreed(service: Service) -> str:
    """The version that both sides speak: the one that the wireserver prefers, if it can be. One that has no list is
    spoken to in ours. Raises `Unreachable` where there is none."""
    try:
        raw = service.find_all([VERSIONS])[0]
    except Refused:  # what it says to the goal state decides
        raw = None
    if raw is None:
        return SPOKEN[0]
    where = f"Azure's wireserver at {service.place}"
    root = document(raw, where)
    listed = [version.text for name in ("Preferred", "Supported") for part in children(root, "", name)
              for version in children(part, "", "Version")]  # fmt: skip
    offered = [version.strip() for version in listed if version and version.strip()]
    both = [version for version in (*offered[:1], *SPOKEN) if version in SPOKEN and version in offered]
    if root.tag != "Versions" or not both:
        named = ", ".join(version[:16] for version in list(dict.fromkeys(offered))[:MOST_NAMED]) or "it lists none"
        raise Unreachable(f"{where}: of the versions of its protocol ({named}) none is spoken here",
                          f"this release speaks {', '.join(SPOKEN)}: install a newer one")  # fmt: skip
    return both[0]


def headers(version: str) -> Dict[str, str]:
    return {**AGENT, "x-ms-version": version}


def health_headers(goal: Goal) -> Dict[str, str]:
    return {**headers(goal.version), "Content-Type": "text/xml; charset=utf-8"}


def goal(service: Service) -> Goal:
    """The machine's goal state. Raises `Unreachable`, also for one that does not say what the machine's role is."""
    where = f"Azure's wireserver at {service.place}"
    version = agreed(service)
    root = document(service.get(GOAL, headers(version)), where)
    container = child(root, "", "Container", where)
    role = _inner(container, where, "RoleInstanceList", "RoleInstance")
    number, box = text(root, "", "Incarnation", where), text(container, "", "ContainerId", where)
    name = text(role, "", "InstanceId", where)
    if root.tag != "GoalState" or not (number and box and name):
        raise Unreachable(f"{where}: its goal state names no incarnation, container or role")
    url = text(_inner(role, where, "Configuration"), "", "Certificates", where) or ""
    return Goal(version, number, box, name, _path(url))


def _inner(element: Optional[Element], where: str, *names: str) -> Optional[Element]:
    for name in names:
        element = child(element, "", name, where)
    return element


def _path(url: str) -> str:
    """Its path and query: the host is the one that was asked, whatever the document says."""
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url if url.startswith("/") else ""


def bag(service: Service, goal: Goal, certificate: str) -> bytes:
    """The machine's certificates, packed for the holder of this one (base64 of its DER): a CMS message in DER, empty
    where there are none. Raises `Unreachable`."""
    from binascii import Error, a2b_base64

    where = f"Azure's wireserver at {service.place}"
    for cipher in CIPHERS:
        asked = {"x-ms-guest-agent-public-x509-cert": certificate, "x-ms-cipher-name": cipher}
        try:
            root = document(service.get(goal.certificates, {**headers(goal.version), **asked}), where)
            break
        except Refused:  # it may be too old for this cipher
            if cipher == CIPHERS[-1]:
                raise
    if (text(root, "", "Format", where) or FORMAT) != FORMAT:
        return b""
    try:
        return a2b_base64("".join((text(root, "", "Data", where) or "").split()))
    except Error:
        raise Unreachable(f"{where}: its certificates are no base64") from None


def health(goal: Goal, state: str, status: str = "", description: str = "") -> bytes:
    """The body of a health report: ``Ready``, or ``NotReady`` with a status and why."""
    from xml.sax.saxutils import escape

    words = escape(description[:MOST_DESCRIPTION])
    details = f"<Details><SubStatus>{status}</SubStatus><Description>{words}</Description></Details>" if status else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Health xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<GoalStateIncarnation>{escape(goal.incarnation)}</GoalStateIncarnation>"
        f"<Container><ContainerId>{escape(goal.container)}</ContainerId><RoleInstanceList><Role>"
        f"<InstanceId>{escape(goal.role)}</InstanceId><Health><State>{state}</State>{details}</Health>"
        "</Role></RoleInstanceList></Container></Health>"
    ).encode()
