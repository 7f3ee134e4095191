"""Which datasources this machine has: found, or told by those who made its image or started it.

In this order decides: the kernel command line (``cloudboot.ds=``, ``ds=``), ``datasource:`` in
/etc/cloud/ds-identify.cfg, a ``datasource_list`` of one name (or of one and None), the marks of the machine for the
names in ``datasource_list`` or, without one, for all there are. How to look is the policy, of ``cloudboot.policy=``,
``ci.di.policy=`` or ``policy:`` in ds-identify.cfg: words like ``search,found=all,maybe=none,notfound=disabled``.
"""

from __future__ import annotations

import time

from cloudboot import registry
from cloudboot.clues import speak
from cloudboot.datasource import Datasource, Evidence
from cloudboot.errors import CloudbootError, where
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

    from cloudboot.settings import Settings
    from cloudboot.values import FileView, Host

ORDER = ("maas", "rackspace", "configdrive", "nocloud", "altcloud", "azure", "bigstep", "cloudsigma", "cloudstack",
         "digitalocean", "vultr", "aliyun", "ec2", "gce", "opennebula", "openstack", "vmware", "ovf", "smartos",
         "scaleway", "hetzner", "ibmcloud", "oracle", "exoscale", "rbxcloud", "upcloud", "lxd", "nwcs", "akamai",
         "wsl", "cloudcix")  # fmt: skip
"""The order in which machines are looked at, and found datasources asked, where nobody says."""
LAST = "none"
IDENTIFY_CFG = "/etc/cloud/ds-identify.cfg"
OFF_FILES = ("/etc/cloudboot/disabled", "/etc/cloud/cloud-init.disabled")
WORDS = {"found": ("all", "first"), "maybe": ("none", "all"), "notfound": ("disabled", "enabled")}
MODES = ("search", "report", "enabled", "disabled")


class Candidate(Noun):
    """A datasource that was looked at. ``source`` is None for one that this release cannot use, or nothing speaks for,
    and for the last resort, which most boots do not come to;
    ``evidence`` is None where nothing does; ``trouble`` is what went wrong in looking; ``seconds`` how long it took."""

    name: str
    source: Optional[Datasource] = None
    evidence: Optional[Evidence] = None
    trouble: str = ""
    seconds: float = 0.0


class Identified(Noun):
    """``candidates`` are to be asked in this order; none where there is nothing to do. ``looked`` is all that was
    looked at; ``disabled`` says what switched the agent off; ``notes`` is what was wrong on the way."""

    candidates: Tuple[Candidate, ...] = ()
    looked: Tuple[Candidate, ...] = ()
    disabled: str = ""
    notes: Tuple[str, ...] = ()


class Policy(Noun):
    """How to look: ``mode`` search, report (the same here), enabled (ask all without looking) or disabled; of those
    ``found`` all or the first; those that ``maybe`` are, all or none; and where nothing was ``notfound``, go on with
    no cloud (enabled) or not at all (disabled)."""

    mode: str = "search"
    found: str = "all"
    maybe: str = "none"
    notfound: str = "disabled"


def identify(host: Host, settings: Settings) -> Identified:
    """The datasources of this machine, best first, and how they came to be."""
    notes = list(settings.cmdline.notes)
    told = identify_cfg(host.files)
    policy = read_policy(settings.cmdline.policy or told.get("policy", ""), notes)
    if policy.mode == "disabled":
        return Identified(disabled="the policy says so", notes=tuple(notes))
    forced = [(settings.cmdline.datasource, "the kernel command line names it"),
              (told.get("datasource", ""), f"{IDENTIFY_CFG} names it")]  # fmt: skip
    for name, why in forced:
        if name:
            return _told([name, LAST], why, notes)
    names = listed(settings.config.get("datasource_list"), notes)
    if len([n for n in names if n != LAST]) == 1 or names == [LAST]:
        return _told(names, "the configuration lists no other", notes)
    if policy.mode == "enabled":
        return _told(names or [*ORDER, LAST], "the policy says to ask all", notes)
    looked = [looked_at(name, host, settings) for name in names or _all() if name != LAST]
    notes += [f"datasource {c.name}: {c.trouble}" for c in looked if c.trouble]
    sure = [c for c in looked if c.evidence and c.evidence.sure]
    unsure = [c for c in looked if c.evidence and not c.evidence.sure and policy.maybe == "all"]
    chosen = sure[: 1 if policy.found == "first" else None] or unsure
    last = Candidate(LAST, evidence=Evidence("no other is left"))
    if not chosen and policy.notfound == "disabled":
        return Identified(looked=tuple(looked), notes=tuple(notes))
    return Identified((*chosen, last), tuple(looked), notes=tuple(notes))


def off(host: Host, settings: Settings) -> str:
    """What switches the agent off on this machine; empty where nothing does."""
    import os

    for path in OFF_FILES:
        if host.files.has(path):
            return path
    if settings.cmdline.disabled:
        return f"{settings.cmdline.disabled} on the kernel command line"
    # a container has no command line of its own, so its manager sets this
    said = os.environ.get("KERNEL_CMDLINE", "")
    return f"KERNEL_CMDLINE={said}" if said in ("cloud-init=disabled", "cloudboot=disabled") else ""


def looked_at(name: str, host: Host, settings: Settings) -> Candidate:
    """A datasource by its name, and what speaks for this machine being its."""
    started = time.perf_counter()
    source, evidence, trouble = None, None, ""
    known = registry.clues().get(name)
    try:
        if known is None or speak(known, host, settings.of(name)):
            source = registry.datasource(name)
        if source is not None:
            evidence = source.detect(host, settings.of(source.name))
    except CloudbootError as problem:
        trouble = str(problem)
    except Exception as bug:  # that of one datasource must not hide the others
        trouble = f"a bug: {type(bug).__name__} at {where(bug)}"
    return Candidate(source.name if source else name, source, evidence, trouble, time.perf_counter() - started)


def listed(said: Any, notes: List[str]) -> List[str]:
    """The names in a ``datasource_list``, as they are written here; empty where nobody made one."""
    if said is None or said == []:
        return []
    if isinstance(said, str):
        said = said.replace(",", " ").split()
    if not isinstance(said, list):
        notes.append("datasource_list is not a list of names; all datasources are looked for")
        return []
    return list(dict.fromkeys(plain(str(name)) for name in said))


def plain(name: str) -> str:
    """A datasource's name as it is written here."""
    text = name.lower().replace("_", "").replace("-", "")
    return "nocloud" if text == "nocloudnet" else text


def identify_cfg(files: FileView) -> Dict[str, str]:
    """What /etc/cloud/ds-identify.cfg says: ``key: value`` lines, values perhaps quoted, ``#`` for comments."""
    found = {}
    for line in (files.read(IDENTIFY_CFG, 1 << 16) or b"").decode("utf-8", "replace").splitlines():
        key, mark, value = line.partition("#")[0].partition(":")
        if mark:
            found[key.strip()] = value.strip().strip("\"'").strip()
    return found


def read_policy(text: str, notes: List[str]) -> Policy:
    """The policy that these words describe; a word that means nothing is noted and left out."""
    said: Dict[str, str] = {}
    for word in filter(None, text.replace(" ", "").split(",")):
        key, mark, value = word.partition("=")
        if not mark and key in MODES:
            said["mode"] = key
        elif mark and value in WORDS.get(key, ()):
            said[key] = value
        else:
            notes.append(f"the policy {word} means nothing; there are {', '.join(MODES)}, found=, maybe= and notfound=")
    return Policy(**said)


def _told(names: Sequence[str], why: str, notes: List[str]) -> Identified:
    """These, without looking."""
    found = []
    for name in dict.fromkeys(plain(n) for n in names):
        source = registry.datasource(name)
        found.append(Candidate(source.name if source else name, source, Evidence(why)))
    notes += [f"this release of cloudboot has no datasource {c.name}" for c in found if c.source is None]
    return Identified(tuple(found), tuple(found), notes=tuple(notes))


def _all() -> List[str]:
    """All that this release has, in their order; those that nobody gave a place come last."""
    known = registry.clues()
    return [*(n for n in ORDER if n in known), *(n for n in known if n not in ORDER)]
