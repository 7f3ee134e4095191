"""package_update_upgrade_install: fetch package lists, upgrade, install packages.

    package_update: true
    package_upgrade: true
    packages:
      - nginx
      - [postgresql, 15+248]
      - apt: [jq]
    package_reboot_if_required: true

Works with apt, dnf, tdnf, yum, zypper, apk, pacman and emerge, whichever the machine has, and with snap. A package is a
name, or a list of name and version; below ``apt`` or ``snap`` it is for that one only (for snap, ``[name, --edge]``
names a channel). The lists are fetched before anything is installed. A lock that somebody else holds (an unattended
upgrade) is waited for, ten minutes at most, and the console says who holds it. Nothing is ever asked: configuration
files that were changed are kept. What a power cut left half done is mended first.

A name that nobody knows fails the module in the end, after the others are installed; on Ubuntu a name that apt does not
know is asked of snap. ``package_reboot_if_required`` reboots when an upgrade left /run/reboot-required (or
reboot-needed) behind; the modules after this one run in the boot that follows.
"""

from __future__ import annotations

from cloudboot.admin import packages, power
from cloudboot.admin.package_tools import APT, SNAP, Tool, fitting
from cloudboot.admin.packages import Package
from cloudboot.errors import CloudbootError, Trouble
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, ListOf, Record, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Sequence, Tuple, Union

    Item = Union[str, Tuple[str, ...]]

ITEM = AnyOf(ListOf(Text, least=2, most=2), Text)
MARKERS = ("/run/reboot-required", "/var/run/reboot-required", "/run/reboot-needed")


class ByTool(Noun):
    apt: Tuple[Item, ...] = option(ListOf(ITEM, apart=True), default=(), help="packages for apt")
    snap: Tuple[Item, ...] = option(ListOf(ITEM, apart=True), default=(), help="packages for snap")


class Wrapper(Noun):
    enabled: Union[bool, str] = option(AnyOf(Bool, Choice("auto")), default="auto", help="auto is false")
    command: Union[str, Tuple[str, ...]] = option(AnyOf(ListOf(Text), Text), default=(), help="words before apt-get")


class Options(Noun):
    package_update: bool = option(
        Bool, default=False, help="fetch the lists of what there is to install", was=("apt_update", "22.2")
    )
    package_upgrade: bool = option(
        Bool, default=False, help="bring everything to its newest version", was=("apt_upgrade", "22.2")
    )
    package_reboot_if_required: bool = option(
        Bool, default=False, help="reboot if that is needed to finish", was=("apt_reboot_if_required", "22.2")
    )
    packages: Tuple[Union[Item, ByTool], ...] = option(
        ListOf(AnyOf(Record(ByTool), ITEM), least=1, apart=True), default=(), help="packages to install"
    )
    apt_get_command: Tuple[str, ...] = option(
        ListOf(Text), default=(), help="apt-get and its first words; for an image's configuration"
    )
    apt_get_upgrade_subcommand: str = option(
        Text, default="dist-upgrade", help="how apt-get upgrades; for an image's configuration"
    )
    apt_get_wrapper: Optional[Wrapper] = option(
        Wrapper, default=None, help="a program around apt-get; for an image's configuration"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    tool = _told(fitting(system, boot.host.os), options)
    trouble = Trouble()
    for work in (_refreshing, _upgrading, _installing):
        with trouble:
            work(system, options, tool)
    changed = options.package_upgrade or options.packages
    if options.package_reboot_if_required and changed and any(system.exists(marker) for marker in MARKERS):
        power.reboot_now(system, boot.host.os, "packages need it to be in force")
    trouble.tell()


def _refreshing(system: System, options: Options, tool: Tool) -> None:
    if options.package_update or options.package_upgrade or options.packages:
        packages.refresh(system, tool)


def _upgrading(system: System, options: Options, tool: Tool) -> None:
    if options.package_upgrade:
        packages.upgrade(system, tool)


def _installing(system: System, options: Options, tool: Tool) -> None:
    named = tuple(item for item in options.packages if not isinstance(item, ByTool))
    by_tool = [item for item in options.packages if isinstance(item, ByTool)]
    for_apt = tuple(p for item in by_tool for p in item.apt)
    for_snap = tuple(p for item in by_tool for p in item.snap)
    trouble = Trouble()
    lost: Tuple[str, ...] = ()
    if tool.name == APT.name:
        lost = _install(system, tool, named + for_apt, trouble)
    else:
        lost = _install(system, tool, named, trouble)
        lost += _install(system, _told(APT, options), for_apt, trouble)
    if lost and tool.name == APT.name and system.which("snap"):
        for_snap += tuple(item for item in named if _package(item).name in lost)
        lost = tuple(name for name in lost if name not in [_package(item).name for item in named])
    lost += _install(system, SNAP, for_snap, trouble)
    with trouble:
        if lost:
            raise CloudbootError(f"there is no package {', '.join(lost)}", "check the name, and where it is to be from")
    trouble.tell()


def _install(system: System, tool: Tool, wanted: Sequence[Item], trouble: Trouble) -> Tuple[str, ...]:
    """Installs what is wanted of one tool, and says what it does not know."""
    with trouble:
        return packages.install(system, tool, [_package(item) for item in wanted]) if wanted else ()
    return ()


def _package(item: Item) -> Package:
    return Package(item) if isinstance(item, str) else Package(*item)


def _told(tool: Tool, options: Options) -> Tool:
    """The tool as the image's configuration wants it spoken to."""
    if tool.name != APT.name:
        return tool
    program = options.apt_get_command or tool.program
    wrapper = options.apt_get_wrapper
    if wrapper and wrapper.enabled is True:
        words = (wrapper.command,) if isinstance(wrapper.command, str) else wrapper.command
        program = (*words, *program)
    return tool.but(program=program, upgrade=tuple(options.apt_get_upgrade_subcommand.split()))


MODULE = Module("package_update_upgrade_install", Stage.FINAL, Every.INSTANCE, Options, apply)
