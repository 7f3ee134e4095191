"""The ways to a datasource, one after the other."""

from __future__ import annotations

from time import monotonic

from cloudboot.ephemeral import ways
from cloudboot.ephemeral.gathering import Gathering, some
from cloudboot.ephemeral.window import Window
from cloudboot.netlink.kernel import Kernel
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, List, Optional

    from cloudboot.dhcp.lease import Lease
    from cloudboot.ephemeral.window import Keep
    from cloudboot.values import FileView

TOTAL = 30.0
SILENCE = 4.0
"""Seconds without a lease after which an address of the link's own is tried."""
V6_METADATA = "fd00:ec2::254"
AS_IT_IS, ROUTER, OWN = "the network as it is", "router advertisement", "an address of the link's own"


class Network:
    """With each call of `next` the machine can be reached by the next way there may be to its datasource::

        with Network(files, keep, waiting) as network:
            while network.next(link_local=True):
                ...ask; ``network.lease`` is what the way stands on, ``network.way`` says it to a person

    First the network as it is, if it leads anywhere; then each lease, the best first; where none comes for some
    seconds, addresses by router advertisement, and (``link_local``) one of the link's own. After the context all is as
    it was before. ``program`` asks for leases in place of our own client. ``keep`` see `Window`; ``waiting`` hears what
    is being waited for. Making one and `next` raise `CloudbootError` where this process may not touch the network.
    """

    def __init__(self, files: FileView, keep: Keep, waiting: Callable[[str], None], total: float = TOTAL,
                 program: str = "") -> None:  # fmt: skip
        self._files, self._waiting, self._total, self._program = files, waiting, total, program
        self._kernel = Kernel()
        self._window = Window(self._kernel, keep)
        self._gathering: Optional[Gathering] = None
        self._deadline = 0.0
        self._mark = 0
        self._tried: List[Lease] = []
        self._left = {AS_IT_IS, ROUTER, OWN}
        self.lease: Optional[Lease] = None
        self.way = ""

    @property
    def is_last(self) -> bool:
        """Is no other way to be expected?"""
        gathering = self._gathering
        return gathering is not None and len(gathering.leases) == len(self._tried) and not gathering.open

    @property
    def why(self) -> str:
        """Why there was no way at all, or no other one."""
        return self._gathering.why() if self._gathering else ""

    def next(self, link_local: bool) -> bool:
        """Opens the next way, after closing the last one; false where there is none."""
        self._window.undo(self._mark)
        self.lease = None
        if self._take(AS_IT_IS) and (self._kernel.leads_to(ways.METADATA) or self._kernel.leads_to(V6_METADATA)):
            self.way = AS_IT_IS
            return True
        if self._gathering is None:
            self._waiting("a network interface")
            self._deadline = monotonic() + self._total
            self._gathering = Gathering(self._kernel, self._window, self._files, self._program)
        while self._gather(self._gathering, link_local):
            if self._open(self._gathering, link_local):
                return True
        return False

    def _gather(self, gathering: Gathering, link_local: bool) -> bool:
        """Waits for another way; false where none has come."""
        if gathering.leases[len(self._tried) :]:
            return True
        if gathering.links:
            self._waiting(f"DHCP on {some(list(gathering.links))}")
        alone = not self._tried
        gathering.run(self._deadline, len(self._tried), v6=alone and ROUTER in self._left,
                      silence=SILENCE if alone and link_local and OWN in self._left else 0)  # fmt: skip
        if len(gathering.leases) > len(self._tried):
            return True
        return alone and bool(gathering.v6 and ROUTER in self._left or gathering.with_carrier and OWN in self._left)

    def _open(self, gathering: Gathering, link_local: bool) -> bool:
        """Opens the best way that there is; false where that cannot be, or is not one for this datasource."""
        self._mark = self._window.mark
        lease = next((lease for lease in gathering.leases if lease not in self._tried), None)
        if lease is not None:
            self._tried.append(lease)
            link = gathering.links.get(lease.interface)
            if link is None:
                return False
            has_default = any(not way.prefix and "." in way.network for way in self._kernel.routes())
            refused = self._window.add(*ways.of_lease(lease, link, has_default))
            self.lease, self.way = lease, f"{lease.address}/{lease.prefix} on {link.name}, from {lease.server}"
            self.way += "".join(f"; {no.reason}" for no in refused[:3])
            return True
        if gathering.v6 and self._take(ROUTER):
            self.way = ROUTER
            return True
        if self._take(OWN) and link_local:
            link = gathering.with_carrier[0]
            self._window.add(ways.of_link(link))
            self.way = f"{OWN}, on {link.name}"
            return True
        return False

    def _take(self, way: str) -> bool:
        """Is it the first time?"""
        first = way in self._left
        self._left.discard(way)
        return first

    def __enter__(self) -> Network:
        self._window.__enter__()
        return self

    def __exit__(self, *trouble: object) -> None:
        try:
            self._window.__exit__(*trouble)
        finally:
            if self._gathering:
                self._gathering.close()
            self._kernel.close()
