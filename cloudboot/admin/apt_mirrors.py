"""Which mirrors a Debian machine takes its packages from: asked for by its owner, near by as the image says, or the
distribution's own."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

    from cloudboot.admin.apt_options import Mirror
    from cloudboot.system.door import System
    from cloudboot.values import Host, Instance

ARCHITECTURES = {"x86_64": "amd64", "i386": "i386", "i486": "i386", "i586": "i386", "i686": "i386", "aarch64": "arm64",
                 "armv6l": "armel", "armv7l": "armhf", "armv8l": "armhf", "ppc64le": "ppc64el"}  # fmt: skip
"""Debian's names of what the kernel calls otherwise."""
UBUNTU, SECURITY = "http://archive.ubuntu.com/ubuntu", "http://security.ubuntu.com/ubuntu"
DEBIAN = "http://deb.debian.org/debian", "http://deb.debian.org/debian-security"
PORTS = "http://ports.ubuntu.com/ubuntu-ports"
NEAR = ("http://%(ec2_region)s.ec2.{0}/", "http://%(availability_zone)s.clouds.{0}/", "http://%(region)s.clouds.{0}/")
ANYBODY = "getent", "ahosts"
LOOKUP_SECONDS = 5.0


class Mirrors(Noun):
    """Where packages and their security updates come from. ``said``: somebody chose them, or they are near by; else
    they are what the distribution has for the whole world."""

    primary: str
    security: str
    said: bool


class Chooser:
    """Chooses mirrors for one machine; a name is looked up once."""

    def __init__(self, system: System, host: Host, instance: Instance, domain: str) -> None:
        self.system, self.host, self.instance, self.domain = system, host, instance, domain
        self._arch = ""
        self._known: Dict[str, bool] = {}

    @property
    def arch(self) -> str:
        """This machine's architecture in dpkg's words, asked for when it matters."""
        self._arch = self._arch or architecture(self.system, self.host)
        return self._arch

    def fitting(self, mirrors: Sequence[Mirror]) -> Optional[Mirror]:
        """The entry for this machine's architecture, else that for all others."""
        for arch in (self.arch, "default") if mirrors else ():
            for mirror in mirrors:
                if arch in mirror.arches:
                    return mirror
        return None

    def choose(self, primary: Sequence[Mirror], security: Sequence[Mirror], image: Any) -> Mirrors:
        """``image`` is the image's own list, ``system_info.package_mirrors``. Who chooses a primary mirror alone takes
        security updates from there too."""
        own, near, worldwide = self.fitting(primary), self._near(image), self._worldwide()
        first = self._uri(own, "mirror") if own else ""
        guard = self.fitting(security)
        second = (self._uri(guard, "security-mirror") if guard else "") or first
        return Mirrors(
            first or near.get("primary") or worldwide[0],
            second or near.get("security") or worldwide[1],
            bool(first or second or near),
        )

    def _uri(self, mirror: Mirror, name: str) -> str:
        if mirror.uri:
            return mirror.uri
        candidates = list(mirror.search)
        if mirror.search_dns:
            host = f"{self.host.os.id}-{name}"
            domains = [f".{self.domain}"] if self.domain else []
            candidates += [f"http://{host}{domain}/{self.host.os.id}" for domain in (*domains, "", ".localdomain")]
        return next((url for url in candidates if self.resolves(url)), "")

    def _near(self, image: Any) -> Dict[str, str]:
        """The mirrors of this machine's region or zone, else those that the image falls back to."""
        entries: List[Mapping[str, Any]] = [e for e in image or () if isinstance(e, dict)]
        entries = entries or ubuntu_entries() if self.host.os.id == "ubuntu" else entries
        for arch in (self.arch, "default") if entries else ():
            for entry in entries:
                if arch in entry.get("arches", ()):
                    found = {}
                    for kind in ("primary", "security"):
                        templates = (entry.get("search") or {}).get(kind) or ()
                        urls = [url for url in (self._located(t) for t in templates) if url and self.resolves(url)]
                        chosen = urls[0] if urls else (entry.get("failsafe") or {}).get(kind)
                        if chosen:
                            found[kind] = chosen
                    return found
        return {}

    def _worldwide(self) -> Tuple[str, str]:
        """The distribution's own mirrors for the whole world, empty for one that has others than these."""
        if self.host.os.id == "debian":
            return DEBIAN
        if self.host.os.id == "ubuntu":
            return (UBUNTU, SECURITY) if self.arch in ("amd64", "i386") else (PORTS, PORTS)
        return "", ""

    def _located(self, template: str) -> str:
        """The URL of a template such as ``http://%(region)s.example.com/``, empty where the machine has no such."""
        zone = self.instance.availability_zone or ""
        ec2 = "ec2" in (self.instance.platform, self.instance.datasource) and zone[-1:].isalpha()
        values = {
            "availability_zone": zone,
            "region": self.instance.region or "",
            "ec2_region": zone[:-1] if ec2 else "",
        }
        for name, value in values.items():
            if f"%({name})s" in template and not value:
                return ""
            template = template.replace(f"%({name})s", value)
        return template

    def resolves(self, url: str) -> bool:
        """Whether the name in a URL is that of some machine, and not one that a resolver finds for any name at all."""
        host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
        host = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
        if host not in self._known:
            found = self._addresses(host)
            self._known[host] = bool(found) and not found & self._addresses("no-such-name.example.invalid")
        return self._known[host]

    def _addresses(self, name: str) -> frozenset[str]:
        done = self.system.query(*ANYBODY, name, timeout=LOOKUP_SECONDS)
        lines = done.stdout.decode("ascii", "replace").splitlines() if done.code == 0 else ()
        return frozenset(line.split()[0] for line in lines if line.strip())


def architecture(system: System, host: Host) -> str:
    """This machine's architecture in dpkg's words."""
    done = system.query("dpkg", "--print-architecture")
    said = done.stdout.decode("ascii", "replace").strip() if done.code == 0 else ""
    return said or ARCHITECTURES.get(host.arch, host.arch)


def ubuntu_entries() -> List[Mapping[str, Any]]:
    """Ubuntu's mirrors inside the clouds, in the form of ``system_info.package_mirrors``."""
    return [
        {"arches": ["amd64", "i386"], "search": {"primary": [t.format("archive.ubuntu.com/ubuntu") for t in NEAR]}},
        {"arches": ["default"], "search": {"primary": [t.format("ports.ubuntu.com/ubuntu-ports") for t in NEAR]}},
    ]
