"""Makes the network of this machine what its description says: finds the interfaces, names them, writes the files of
the program that manages them, and has that program take them where it runs already.

Early in a boot it does not run yet, and finds the files when it starts. Files that somebody edited since they were
written are left as they are, and named; what they were written as is known by digests in `RECORD`, which is written
before them, so that a power cut in between makes nobody's edit of them.
"""

from __future__ import annotations

from cloudboot.network import parse, render
from cloudboot.network.links import link_files
from cloudboot.network.model import Target
from cloudboot.network.nics import NO_UDEV, named_nics, nics_of, settle
from cloudboot.network.program import activate, choose_activator, choose_renderer, prepare
from cloudboot.network.rename import commands, renames
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Sequence, Tuple

    from cloudboot.network.model import Network
    from cloudboot.network.source import Source
    from cloudboot.system.door import System
    from cloudboot.values import FileSpec, Host, Nic

UNITS = "/etc/systemd/system/"
RECORD = "/var/lib/cloudboot/network.json"
SETTLES = 5
"""How often udev is waited for, for interfaces that somebody describes."""
KEPT_DIGESTS = 3
INTERFACES = "/etc/network/interfaces"


class Choice(Noun):
    """What the image's configuration says of the network: the ``renderers`` and ``activators`` to try, in order, and
    whether links may be brought up (``activation``). ``replaces``: files that somebody edited are written anew."""

    renderers: Tuple[str, ...] = ()
    activators: Tuple[str, ...] = ()
    activation: bool = True
    replaces: bool = False


def apply_network(system: System, source: Source, host: Host, choice: Choice, plugged: bool = False) -> None:
    """Applies a description. Raises `Invalid` where it is wrong; what cannot be done is a warning of ``system``.
    ``plugged``: the machine is up, and an interface came or went; those that were there already are not disturbed."""
    network, nics = understood(system, source, host.cmdline, settled=plugged)
    rename(system, network, nics)
    renderer = choose_renderer(system, host.os, choice.renderers)
    if not renderer:
        system.warn("nothing that manages networks is installed here; the network is left as it is")
        return
    if renderer == "eni" and source.name == "fallback":
        network = without_dhcp6(network)
    if renderer in ("eni", "sysconfig"):
        from cloudboot.network.resolve import resolved

        network = resolved(network, nics)
    rendered = render(renderer, network, target(system, host))
    for warning in rendered.warnings:
        system.warn(warning)
    files = {spec.path: spec for spec in rendered.files}
    if system.exists("/run/systemd/system"):
        links = link_files(network) if renderer != "netplan" else ()
        files.update((spec.path, spec) for spec in links)
        if any(device.optional for device in network.devices):
            from cloudboot.network.waiting import unhurried

            files.update((spec.path, spec) for spec in unhurried(network, renderer))
    if renderer == "eni":
        from cloudboot.network.eni_hooks import hook_files

        files.update((spec.path, spec) for spec in hook_files(network))
        include(system, network)
    if plugged and choice.activation and renderer == "eni":
        from cloudboot.network.plugged import ifdown

        ifdown(system)
    changed = write(system, tuple(files.values()), choice.replaces)
    if any(path.startswith(UNITS) for path in changed):
        system.run("systemctl", "daemon-reload", check=False, machine=True)
    prepare(system, renderer, [n.name for n in nics], host.cmdline, bool(changed))
    if choice.activation and (changed or plugged):
        activator = choose_activator(system, host.os, renderer, choice.activators)
        if plugged:
            from cloudboot.network.plugged import plug

            plug(system, activator, network, nics, changed)
        else:
            activate(system, activator, network, tuple(files.values()))


def without_dhcp6(network: Network) -> Network:
    """For ifupdown, which holds up the boot for five minutes where a DHCPv6 server that nobody promised is not there.
    Addresses that a router advertises are the kernel's to take."""
    devices = (d.but(subnets=tuple(s for s in d.subnets if s.kind != "dhcp6")) for d in network.devices)
    return network.but(devices=tuple(devices))


def apply_names(system: System, source: Source, cmdline: str = "") -> None:
    """Gives interfaces their names and changes nothing else."""
    network, nics = understood(system, source, cmdline)
    rename(system, network, nics)


def understood(system: System, source: Source, cmdline: str, settled: bool = False) -> Tuple[Network, Tuple[Nic, ...]]:
    """The network that is described, and the interfaces of the machine once all that it is for are there and udev has
    named them, which else it would do while they are renamed here; those that are there now where the machine has
    ``settled``."""
    nics = nics_of(system) if settled else named_nics(system, cmdline)
    network = parse(source.document, nics)
    if settled:
        return network, nics
    wanted = {d.match.mac for d in network.devices if d.match.mac and d.kind in ("physical", "infiniband")}
    for _ in range(SETTLES):
        if wanted <= {n.mac for n in nics} or settle(system) == NO_UDEV:
            break
        nics = nics_of(system)
    for mac in sorted(wanted - {n.mac for n in nics}):
        system.warn(f"no interface of this machine has the MAC address {mac}")
    return parse(source.document, nics), nics


def rename(system: System, network: Network, nics: Sequence[Nic]) -> None:
    wanted, warnings = renames(network, nics)
    todo, more = commands(wanted, nics, lambda name: in_use(system, name))
    for warning in (*warnings, *more):
        system.warn(warning)
    for argv in todo:
        done = system.run(*argv, check=False)
        if done.code:
            said = done.stderr.decode("utf-8", "replace").strip()
            system.warn(f"{' '.join(argv)} failed: {said or f'status {done.code}'}")


def in_use(system: System, name: str) -> bool:
    """Has this link an IPv4 address, or a global IPv6 address that was not learned and will not be again?"""
    from cloudboot import json

    answer = system.query("ip", "-j", "address", "show", "dev", name)
    if answer.code:
        return True
    try:
        shown = json.loads(answer.stdout or b"[]")
    except ValueError:
        return True
    for link in shown:
        for address in link.get("addr_info", ()):
            lasting = address.get("scope") == "global" and not address.get("dynamic")
            if address.get("family") == "inet" or lasting:
                return True
    return False


def target(system: System, host: Host) -> Target:
    """What the renderers want to know of this system."""
    interfaces = f"{INTERFACES}.d/50-cloudboot"
    text = system.text(INTERFACES) or ""
    if host.os.family == "alpine":
        interfaces = INTERFACES
    elif "interfaces.d/*.cfg" in text:
        interfaces += ".cfg"
    path = "/etc/sysconfig/network"
    kept = {path: system.text(path) or ""} if host.os.family == "redhat" else {}
    return Target(host.os.family, system.which("ip") is not None, kept, interfaces)


def include(system: System, network: Network) -> None:
    """Makes ifupdown's own file read those in its folder, and tells of interfaces that it configures itself."""
    text = system.text(INTERFACES) or ""
    lines = [line.split() for line in text.splitlines()]
    if not any(w[:1] in (["source"], ["source-directory"]) and "interfaces.d" in w[-1] for w in lines):
        joint = "" if text.endswith("\n") or not text else "\n"
        system.write(INTERFACES, f"{text}{joint}source {INTERFACES}.d/*\n")
    names = {d.name for d in network.devices}
    for name in sorted({w[1] for w in lines if w[:1] == ["iface"] and len(w) > 1} & names):
        if name != "lo":
            system.warn(f"{INTERFACES} configures {name} too; take it out there if it is not meant")


def write(system: System, files: Sequence[FileSpec], replaces: bool = False) -> Tuple[str, ...]:
    """Writes the files that nobody edited since, or all where it ``replaces``, and removes those of an earlier
    description; the paths of which the content is now different."""
    known = record(system)
    digests = {spec.path: _sha(spec.content) for spec in files}
    edited = {path for path in {*known, *digests} if _edited(system, path, known, digests.get(path, ""))}
    for path in sorted(edited):
        system.warn(f"{path} was edited since it was written; it is {'written anew' if replaces else 'left as it is'}")
    if replaces:
        edited = set()
    kept = {path: known[path] for path in edited}
    fresh = {p: list(dict.fromkeys((d, *known.get(p, ()))))[:KEPT_DIGESTS] for p, d in digests.items()
             if p not in edited}  # fmt: skip
    stale = [path for path in known if path not in digests and path not in edited and system.exists(path)]
    from cloudboot import json

    lump = {"version": 1, "files": {**kept, **fresh, **{path: known[path] for path in stale}}}
    system.write(RECORD, json.dumps(lump, sort_keys=True) + "\n", mode=0o600)
    done = [spec.path for spec in files if spec.path not in edited and system.place(spec)]
    return (*done, *(path for path in stale if system.remove(path)))


def record(system: System) -> Mapping[str, List[str]]:
    """The digests of what was written to each path, latest first."""
    from cloudboot import json

    try:
        found: Dict[str, List[str]] = json.loads(system.text(RECORD) or "{}").get("files", {})
    except (ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def _edited(system: System, path: str, known: Mapping[str, List[str]], wanted: str) -> bool:
    content = system.read(path)
    if content is None or path not in known:
        return False
    return _sha(content) not in (*known[path], wanted)


def _sha(content: bytes) -> str:
    from cloudboot.digests import sha256

    return sha256(content).hexdigest()
