"""network: describes the network of this machine to whatever manages it.

    network:
      version: 2
      ethernets:
        id0: {match: {macaddress: "02:00:5e:10:00:01"}, set-name: lan0, dhcp4: true}
    updates:
      network: {when: [boot-new-instance, boot]}

The description is taken from the first of these that has one: the kernel command line (``cloudboot.network=``), what
the initramfs did, the ``network`` key of the image's own configuration, the datasource, the words of the kernel command
line that the initramfs was to read (``ip=``), and else DHCP on the first interface. User-data never sets it.
``config: disabled`` in the first that speaks leaves the network alone.

It is written for a new instance, and at every boot where ``updates.network.when`` or the cloud's own habit says so; at
other boots only names are seen to. A file that somebody edited since is left as it is, and named
(``replace_edited_network_files: true`` in the image's configuration has it written anew). What a program cannot
hold is named too. Facts: section 5 of the behaviour reference.
"""

from __future__ import annotations

from cloudboot import cmdline
from cloudboot.errors import Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.network.nics import named_nics, names_are_noted, nics_of, note_names
from cloudboot.network.source import AT_BOOT, HOTPLUG, Source, Updates, choose_source, events, fallback, first_nic
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Anything, Bool, MapOf
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Mapping, Optional

NO_FALLBACK = ("photon", "raspberry-pi-os")


class NetworkOptions(Noun):
    network: Optional[Mapping[str, Any]] = option(
        MapOf(Anything),
        help="a description of version 1 or 2, or `config: disabled`; in the image's configuration only",
    )
    updates: Updates = option(Updates, default=Updates(), apart=True, help="what is done again, and when")
    disable_network_activation: bool = option(Bool, default=False, help="write the files, and bring no links up")
    disable_fallback_netcfg: Optional[bool] = option(
        Bool,
        default=None,
        help="leave the network alone where nothing describes it, in place of DHCP on the first interface",
    )
    replace_edited_network_files: bool = option(
        Bool,
        default=False,
        help="write anew files that somebody edited, in place of leaving them",
    )
    system_info: Mapping[str, Any] = option(
        MapOf(Anything), default={}, help="`network.renderers` and `network.activators`: programs to try, in order"
    )


def apply(system: System, options: NetworkOptions, boot: Boot) -> None:
    trouble = Trouble()
    for source in sources(system, options, boot):
        if source.disabled:
            break
        with trouble:
            carry_out(system, source, options, boot)
            break
        # a machine that nobody can reach is worse than one with another network than was meant
        system.warn(f"the network that the {source.name} describes cannot be; what comes next is taken")
    trouble.tell()


def sources(system: System, options: NetworkOptions, boot: Boot) -> Iterator[Source]:
    """Who describes the network, the strongest first; where nobody is left, DHCP on the first interface."""
    said = dict(given(system, options, boot))
    kept = tuple(before(system, boot)) if boot.event == HOTPLUG else ()
    while True:
        source = choose_source(said, boot.instance.datasource)
        if source is None:
            break
        yield source
        if boot.event == HOTPLUG:  # what runs is better than what comes next
            yield from kept
            return
        del said[source.name]
    if boot.event == HOTPLUG:
        return
    alone = options.disable_fallback_netcfg
    if not (boot.host.os.id in NO_FALLBACK if alone is None else alone):
        nics = named_nics(system, boot.host.cmdline)
        document = fallback(nics, boot.host.files, boot.instance.datasource == "azure")
        if document:
            yield Source("fallback", document)


def before(system: System, boot: Boot) -> Iterator[Source]:
    """The description that the machine runs on."""
    from cloudboot import json

    try:
        document = json.loads(system.text(applied(boot)) or "null")
    except ValueError:
        document = None
    if document:
        yield Source("last event", document)


def applied(boot: Boot) -> str:
    """Where the description is kept that this instance's network was last made of."""
    return f"{boot.folder}/network-config.json"


def carry_out(system: System, source: Source, options: NetworkOptions, boot: Boot) -> None:
    """Applies a description where it is due at this boot, and sees to the names where it is not."""
    known = bool(boot.instance.id)
    again = boot.event == HOTPLUG or AT_BOOT & events(options.updates, boot.instance)
    if known and not (boot.first or again or not system.exists(applied(boot))):
        if not names_are_noted(system, source, boot.folder):
            from cloudboot.network.apply import apply_names

            apply_names(system, source, boot.host.cmdline)
            note_names(system, source, boot.folder)
        return
    from cloudboot.network.apply import Choice, apply_network

    programs = options.system_info.get("network") or {}
    choice = Choice(tuple(programs.get("renderers") or ()), tuple(programs.get("activators") or ()),
                    not options.disable_network_activation, options.replace_edited_network_files)  # fmt: skip
    if boot.event == HOTPLUG:  # a power cut from here on has the next boot do it all
        system.remove(applied(boot))
    apply_network(system, source, boot.host, choice, plugged=boot.event == HOTPLUG)
    if not known:
        return  # nobody knows yet whose network this is
    from cloudboot import json

    system.write(applied(boot), json.dumps(source.document) + "\n", mode=0o600, secret=True)
    note_names(system, source, boot.folder)


def given(system: System, options: NetworkOptions, boot: Boot) -> Mapping[str, Any]:
    """What each source says, as far as it had to be asked; one that makes no sense is named and says nothing."""
    words = cmdline.parse(boot.host.cmdline)
    said: Dict[str, Any] = {"system config": options.network, "datasource": boot.instance.network}
    trouble = Trouble()
    with trouble:
        said["command line"] = described(words)
    if words.initramfs_network or system.exists("/run/initramfs/open-iscsi.interface"):
        with trouble:
            said["initramfs"] = initramfs(system)
    if words.initramfs_network and not any(said.values()):
        from cloudboot.network.parse_dracut import dracut_config

        nics = named_nics(system, boot.host.cmdline)
        with trouble:
            said["ip= words"] = dracut_config(words.words, nics, first_nic(nics, boot.host.files))
    for problem in trouble.met:
        system.warn(f"{problem}; the next source is asked")
    return said


def described(words: cmdline.Cmdline) -> Any:
    """The whole description that the kernel command line holds."""
    if words.network_disabled or not words.network:
        return {"config": "disabled"} if words.network_disabled else None
    from cloudboot.userdata.document import load

    return load(words.network, "network-config= of the kernel command line")


def initramfs(system: System) -> Optional[Mapping[str, Any]]:
    from cloudboot.network.parse_klibc import klibc_config

    names = [n for n in system.names("/run") if n.startswith(("net-", "net6-")) and n.endswith(".conf")]
    return klibc_config({f"/run/{n}": system.text(f"/run/{n}") or "" for n in names}, nics_of(system))


MODULE = Module(
    "network",
    Stage.LOCAL,
    Every.BOOT,
    NetworkOptions,
    apply,
    unasked=True,
    after=("update_hostname",),
    listed=False,
    image=True,
)
