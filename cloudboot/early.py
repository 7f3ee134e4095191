"""Asks the datasources that need a network before this machine has one: over one that lasts for the question."""

from __future__ import annotations

from time import monotonic

from cloudboot import asking
from cloudboot.card import INTERRUPTED, Stage
from cloudboot.datasource import Needs
from cloudboot.errors import CloudbootError, Moved
from cloudboot.host import again
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Tuple

    from cloudboot.identify import Candidate
    from cloudboot.job import Job
    from cloudboot.values import Instance

OTHERS = "/etc/cloud/"
MOST = 120.0
"""Seconds for all the asking: what is silent now is asked again when the network is up, and the boot waits for this."""
ONE_OF_SEVERAL = 10.0
"""Seconds for one way, where another one may be the right one."""


def ask(job: Job, candidates: Sequence[Candidate], stage: Stage = Stage.LOCAL) -> Optional[Instance]:
    """The instance that the first of these tells of, by the first way by which one answers; None where none does: in
    the network stage they are asked again."""
    found: Optional[Instance] = None
    moved = True
    while moved:
        found, moved = ask_once(job, candidates, stage)
    return found


def is_cut_off(job: Job) -> bool:
    """Is this machine without a network, which should be up by now? An interface may come too late to be described."""
    from cloudboot.ephemeral.ways import METADATA
    from cloudboot.netlink.kernel import Kernel

    try:
        kernel = Kernel()
        try:
            return not kernel.leads_to(METADATA)
        finally:
            kernel.close()
    except CloudbootError:
        return False


def ask_once(job: Job, candidates: Sequence[Candidate], stage: Stage) -> Tuple[Optional[Instance], bool]:
    """As `ask`, and whether the machine was moved to another network while it was asking: then it is to ask again."""
    from cloudboot.ephemeral.network import Network

    link_local = any(c.source is not None and c.source.needs is Needs.LINK_LOCAL for c in candidates)
    began = monotonic()
    try:
        with Network(job.host.files, lambda kept: keep(job, kept), job.report.wait, program=program(job)) as network:
            while monotonic() < began + MOST and network.next(link_local):
                job.log.debug(f"network for a question: {network.way}")
                job.host = again(job.host, "nics")
                left = began + MOST - monotonic()
                most = left if network.is_last else min(left, ONE_OF_SEVERAL)
                for answer in asking.ask(job, candidates, stage, network.lease, most):
                    if answer.instance is not None:
                        return answer.instance, False
                    if isinstance(answer.problem, Moved):
                        job.log.progress(f"datasource {answer.name}: {answer.problem}")
                        return None, True
                    job.log.debug(f"datasource {answer.name}: {answer.problem}")
            if network.why:
                job.log.warn(f"no network for a question: {network.why}")
    except CloudbootError as problem:
        job.log.warn(f"no network for a question: {problem}")
    finally:
        job.report.wait("")
        job.host = again(job.host, "nics")
    return None, False


def program(job: Job) -> str:
    """The DHCP client that cloudboot's own configuration wants in place of our own; empty where it wants none, or has
    none. What an image says to another agent, whose only clients these are, is not meant."""
    for layer in job.settings.layers:
        about = layer.config.get("system_info")
        network = about.get("network") if isinstance(about, dict) else None
        wanted = network.get("dhcp_client_priority") if isinstance(network, dict) else None
        if not isinstance(wanted, list) or layer.file.startswith(OTHERS):
            continue
        from cloudboot.ephemeral import programs

        name = programs.chosen(map(str, wanted))
        if name:
            job.state.put(programs.TOOL, programs.SCRIPT, 0o700)
        return name
    return ""


def keep(job: Job, kept: Sequence[Dict[str, Any]]) -> None:
    """Writes down what there will be to take away."""
    from cloudboot import json

    job.state.put(INTERRUPTED, json.dumps(kept).encode(), durable=False)


def sweep(job: Job) -> None:
    """Takes away what was left by an agent that was killed in the middle of a question."""
    raw = job.state.files.read(INTERRUPTED)
    if not raw or raw == b"[]" or not job.may_reach_out:
        return
    from cloudboot import json
    from cloudboot.ephemeral.window import sweep as take_away
    from cloudboot.netlink.kernel import Kernel

    try:
        kernel = Kernel()
        try:
            take_away(kernel, json.loads(raw))
        finally:
            kernel.close()
        job.log.warn("the network of an interrupted question was taken down")
    except (CloudbootError, ValueError) as problem:
        job.log.warn(f"what is left of an interrupted question cannot be taken down: {problem}")
    keep(job, [])
