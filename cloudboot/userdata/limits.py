"""Bounds for work whose cost somebody else decides: CPU time and memory of this process while it lasts."""

from __future__ import annotations

from cloudboot.errors import Invalid
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple, TypeVar

    T = TypeVar("T")


class OutOfTime(Invalid):
    """The CPU time is used up."""


def within(seconds: float, memory: int, work: Callable[[], T]) -> T:
    """What ``work`` gives; it may use so much CPU time, and so many bytes on top of what the process has now.

    Raises `OutOfTime`, or MemoryError. Time is bounded in the main thread only, and memory where /proc tells its size.
    """
    before = _limit_memory(memory)
    alarm = Alarm(seconds)
    try:
        try:
            return work()
        finally:
            alarm.stop()
    finally:
        if before is not None:
            _restore_memory(before)


class Alarm:
    """Raises `OutOfTime` in whatever runs when the time is up, until it is stopped."""

    def __init__(self, seconds: float) -> None:
        import signal

        self.seconds, self.on = seconds, True
        try:
            self.before = signal.signal(signal.SIGPROF, self.ring)
        except ValueError:  # not the main thread
            self.on = False
            return
        # again and again: an exception raised in a destructor is lost
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)

    def ring(self, number: int, frame: Any) -> None:
        if self.on:
            raise OutOfTime(f"it takes more than {self.seconds:g} seconds")

    def stop(self) -> None:
        import signal

        if self.on:
            self.on = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self.before)


def _limit_memory(more: int) -> Optional[Tuple[int, int]]:
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
        ceilings = [limit for limit in before if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([now + more, *ceilings]), before[1]))
    except (OSError, ValueError, IndexError):
        return None
    return before


def _restore_memory(before: Tuple[int, int]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, before)
