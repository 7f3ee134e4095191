"""Azure's machines that are started ahead of their owner, and wait in a pool until somebody wants one.

Such a machine tells that it is ready to be taken, waits until its network is moved to its owner's, and asks there for
the document that a provisioning disc would have held. Facts: "Pre-provisioning" in the datasources reference.
"""

from __future__ import annotations

from cloudboot.clouds import wireserver
from cloudboot.ephemeral.cards import cards
from cloudboot.errors import Moved, Unreachable
from cloudboot.http.service import Service
from cloudboot.netlink.kernel import LINKS, Events, Kernel
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, Mapping, Optional, Sequence, Set

    from cloudboot.datasource import Probe
    from cloudboot.metadata.azure import Environment
    from cloudboot.netlink.values import Link

RUNNING, SAVABLE, OS_DISK, RETURNED = "Running", "Savable", "PreprovisionedOSDisk", "Unknown"
NOTE = "told-ready-in-the-pool"
REPROVISION = "/metadata/reprovisiondata?api-version=2019-06-01"
AGAIN = (404, 408, 410, 429, 500, 502, 503, 504)
ATTEMPT, PAUSE = 30.0, 1.0
OWNER = "an owner for this machine of a pool"


def kind(env: Environment, extended: Mapping[str, object], probe: Probe) -> str:
    """How this machine waits, empty for one that does not. What another machine remembered, whose disk this one's was
    made of, is not its own: it would wait for ever."""
    if probe.notes.get(NOTE) == _self(probe):
        return RETURNED
    told = (env.pool, str(extended.get("ppsType") or ""))
    return next((sort for sort in (SAVABLE, OS_DISK, RUNNING) if sort in told), "")


def join(probe: Probe, sort: str, url: str) -> None:
    """Tells that the machine is ready to be taken, and waits until its network is its owner's. Then raises `Moved`,
    for what was reached before is another's. Raises `Unreachable` where the pool cannot be told."""
    events = Events(LINKS)  # before it is told: the move may come at once
    kernel = Kernel()
    try:
        before = cards(kernel.links())
        mine = _leading(before, probe)
        try:
            _tell_ready(probe, url)
        except Unreachable as problem:
            if sort != SAVABLE:  # which is saved while it says so
                raise
            probe.warn(f"the pool may not know that this machine is ready: {problem.reason}")
        if sort == OS_DISK:
            _wait(events, probe, lambda: False)
        probe.remember(NOTE, _self(probe))
        if sort == SAVABLE:
            _wait(events, probe, lambda: bool(_numbers(before) - _numbers(cards(kernel.links()))))
            _wait(events, probe, lambda: bool(_numbers(cards(kernel.links())) - _numbers(before)))
        else:
            _wait(events, probe, lambda: _has_moved(kernel, mine))
    finally:
        kernel.close()
        events.close()
    raise Moved(f"this machine of a pool ({sort}) was given to an owner")


def document(probe: Probe, urls: tuple[str, ...], headers: Mapping[str, str]) -> bytes:
    """The owner's ``ovf-env.xml``, however long that takes. In the local stage raises `Moved` where the connection
    fails: the address may be one of the pool's."""
    from time import sleep

    while True:
        probe.still_waiting(OWNER)
        service = Service("Azure metadata", urls, budget=ATTEMPT * 2, attempt=ATTEMPT, tries=1, again=AGAIN,
                          headers=headers)  # fmt: skip
        try:
            return service.get(REPROVISION)
        except Unreachable as problem:
            status = getattr(problem, "status", 404 if type(problem).__name__ == "Missing" else 0)
            if status and status not in AGAIN:
                raise
            if not status and probe.stage == "local":
                raise Moved(f"the network of this machine of a pool is gone: {problem.reason}") from None
        finally:
            service.close()
        sleep(PAUSE)


def _self(probe: Probe) -> str:
    return probe.host.dmi.product_uuid.lower() or "a machine without a UUID"


def leave(probe: Probe) -> None:
    """It has an owner, and is a machine like all others."""
    probe.remember(NOTE, "")


def _tell_ready(probe: Probe, url: str) -> None:
    service = wireserver.reached(probe, url)
    try:
        goal = wireserver.goal(service)
        body = wireserver.health(goal, "Ready")
        service.ask("POST", wireserver.HEALTH, wireserver.health_headers(goal), body)
    finally:
        service.close()


def _wait(events: Events, probe: Probe, is_so: Callable[[], bool]) -> None:
    """Until it is so, looking whenever the kernel says that a link has changed, and now and then."""
    from select import select

    while not is_so():
        probe.still_waiting(OWNER)
        select([events], [], [], 5.0)
        events.drain()


def _leading(links: Sequence[Link], probe: Probe) -> Optional[Link]:
    """The card by which the platform is reached."""
    name = probe.lease.interface if probe.lease is not None else ""
    return next((link for link in links if link.name == name), links[0] if links else None)


def _has_moved(kernel: Kernel, mine: Optional[Link]) -> bool:
    """Was its carrier gone, however shortly, and is it there?"""
    return any(link.running and (mine is None or link.changes > mine.changes)
               for link in kernel.links() if mine is None or link.index == mine.index)  # fmt: skip


def _numbers(links: Sequence[Link]) -> Set[int]:
    """A card that comes back has another number."""
    return {link.index for link in links}
