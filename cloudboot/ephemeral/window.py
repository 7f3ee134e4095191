"""What is added to the network of the machine for a while, and taken away again in reverse.

Also after an error and a signal. After a kill, `sweep` takes it away at the next start, from the record that was kept
before anything was added; and an address that nobody takes away is gone when its time is over, with its routes.
"""

from __future__ import annotations

from cloudboot.netlink.kernel import Refused
from cloudboot.netlink.values import Address, Link, from_json, to_json
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Set, Tuple

    from cloudboot.netlink.kernel import Kernel
    from cloudboot.netlink.values import Thing

    Keep = Callable[[Sequence[Dict[str, Any]]], None]


class Window:
    """``keep`` is handed, as JSON values, all that there will be to take away, before it is added; nothing at the end.

    As a context it turns the signals that end a process into SystemExit, so that it is closed.
    """

    def __init__(self, kernel: Kernel, keep: Keep) -> None:
        self._kernel, self._keep = kernel, keep
        self._added: List[Thing] = []
        self._before: Dict[int, Any] = {}
        self._closing, self._stopped = False, 0

    @property
    def mark(self) -> int:
        """How much has been added: see `undo`."""
        return len(self._added)

    def add(self, *things: Thing) -> Tuple[Refused, ...]:
        """Turns links up; adds addresses and routes. What is there already is left alone, now and later. What the
        kernel refuses is told, and keeps nothing else from being there."""
        there = _there(self._kernel) if things else set()
        wanted = [thing for thing in things if _key(thing) not in there]
        if wanted:
            self._keep([to_json(thing) for thing in (*self._added, *wanted)])
        refused = []
        for thing in wanted:
            self._added.append(thing)  # before it is: an interruption must find it here
            try:
                new = self._kernel.raise_link(thing) if isinstance(thing, Link) else self._kernel.add(thing)
            except Refused as no:
                new = False
                refused.append(no)
            if not new:
                self._added.pop()
        return tuple(refused)

    def undo(self, mark: int = 0) -> None:
        """Takes away all that was added since ``mark``."""
        self._closing = True
        some = len(self._added) > mark
        while len(self._added) > mark:
            take_away(self._kernel, self._added.pop())
        if some:
            self._keep([to_json(thing) for thing in self._added])
        self._closing = False
        if self._stopped:
            raise SystemExit(128 + self._stopped)

    def __enter__(self) -> Window:
        from signal import SIGHUP, SIGINT, SIGTERM, signal

        try:
            self._before = {number: signal(number, self._stop) for number in (SIGTERM, SIGINT, SIGHUP)}
        except ValueError:  # not the main thread: signals are another's to handle
            self._before = {}
        return self

    def __exit__(self, *_: object) -> None:
        from signal import signal

        try:
            self.undo()
        finally:
            for number, handler in self._before.items():
                signal(number, handler)

    def _stop(self, number: int, frame: object) -> None:
        if not self._closing:
            raise SystemExit(128 + number)
        self._stopped = number


def sweep(kernel: Kernel, kept: Sequence[Dict[str, Any]]) -> None:
    """Takes away what a window that was never closed has left."""
    for data in reversed(kept):
        take_away(kernel, from_json(data))


def take_away(kernel: Kernel, thing: Thing) -> None:
    """Whatever the kernel says to it: the rest is to be taken away as well."""
    try:
        kernel.lower_link(thing) if isinstance(thing, Link) else kernel.remove(thing)
    except Refused:
        pass


def _there(kernel: Kernel) -> Set[object]:
    links = [_key(link) for link in kernel.links() if link.up]
    return {*links, *map(_key, kernel.addresses()), *map(_key, kernel.routes())}


def _key(thing: Thing) -> object:
    """What makes it the same thing, for the kernel."""
    if isinstance(thing, Link):
        return thing.index
    if isinstance(thing, Address):
        return thing.index, thing.address, thing.prefix
    return thing.network, thing.prefix, thing.metric
