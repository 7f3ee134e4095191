"""A metadata service: asked over one connection, again where that may help, and never past its time."""

from __future__ import annotations

import time
from time import monotonic

from cloudboot.errors import CloudbootError, Missing, Unreachable
from cloudboot.http.breaks import LONGEST, LONGEST_AWAY, PAUSE, break_of, chance, patience
from cloudboot.http.dial import origin, race
from cloudboot.http.wire import Broken, Reply, TooLarge, Wire
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Callable, Collection, Dict, List, Mapping, Optional, Sequence, Set


BUDGET, ATTEMPT = 120.0, 10.0
AGAIN = (408, 425, 429, 500, 502, 503, 504)
MOST_BODY = 16 << 20
MOST_REDIRECTS = 3
NOTHING_THERE = (404, 410)
FIRST_AT_ONCE, AT_ONCE = 4, 64
MOST_SILENCES = 2  # each costs the time of one try
"""Questions that are put at once: few at first, since nobody knows yet how much the service has to do; and never more
than fit, unread, into what the other side keeps for us."""


class Refused(Unreachable):
    """It answers, and the answer is no, with this ``status``; the ``reply`` is the whole of it."""

    def __init__(self, reason: str, reply: Reply) -> None:
        super().__init__(reason)
        self.reply, self.status = reply, reply.status


class Service:
    """A service that any of ``urls`` reaches; the first that takes a connection is asked, the others when it fails.

    ``budget`` seconds is all the time it is given, from the first request to the last; ``attempt`` seconds that of one
    try; ``tries`` how often a request is made at most (0: while there is time). Statuses in ``again`` are worth asking
    again, as are all failures of the connection. ``waiting(what, since)`` hears what is being waited for, and since
    when (seconds since the epoch): before the first connection, and after each try that failed. ``headers`` go with
    each request, and to nobody else. ``source_ports`` are the client's, in turn, where the service talks to these only.
    """

    def __init__(
        self,
        name: str,
        urls: Sequence[str],
        *,
        budget: float = BUDGET,
        attempt: float = ATTEMPT,
        tries: int = 0,
        pause: float = PAUSE,
        again: Collection[int] = AGAIN,
        headers: Optional[Mapping[str, str]] = None,
        waiting: Callable[[str, float], None] = lambda what, since: None,
        source_ports: Sequence[int] = (0,),
    ) -> None:
        self.name, self._attempt, self._tries, self._pause = name, attempt, tries, pause
        self._origins = [origin(url) for url in urls]
        self._budget, self._deadline = budget, 0.0
        self._again, self._headers, self._waiting = again, dict(headers or {}), waiting
        self._source_ports = source_ports
        self._since = 0.0
        self._wire: Optional[Wire] = None
        self._is_patient, self._takes_several, self._at_once = True, False, FIRST_AT_ONCE
        self._alone: Set[str] = set()
        self._silences = 0
        self.place = self._origins[0]
        self.requests = self.connections = self._dialled = 0

    def get(self, path: str, headers: Optional[Mapping[str, str]] = None, most: int = MOST_BODY) -> bytes:
        """What is at a path. Raises `Missing`, `Refused` or `Unreachable`."""
        return self.ask("GET", path, headers, most=most).body

    def find(self, path: str, headers: Optional[Mapping[str, str]] = None, most: int = MOST_BODY) -> Optional[bytes]:
        """As `get`, None where there is nothing."""
        try:
            return self.get(path, headers, most)
        except Missing:
            return None

    def find_all(self, paths: Sequence[str], headers: Optional[Mapping[str, str]] = None) -> List[Optional[bytes]]:
        """As `find`, for several paths that are asked for at the same time."""
        return settled(paths, lambda left: self.gather(left, headers), lambda path: self.find(path, headers))

    def gather(self, paths: Sequence[str], headers: Optional[Mapping[str, str]] = None) -> Dict[str, Reply]:
        """Answers to questions that are put without waiting for one another's answer, over the one connection: those
        that came whole and say what is there, or that nothing is. The first of the others has to be asked for on its
        own."""
        self._begin()
        paths = [path for path in paths if path not in self._alone]
        answers: Dict[str, Reply] = {}
        fields = {**self._headers, **(headers or {})}
        rest, start = 0.0, 0
        while self._is_patient and start < len(paths):
            batch = paths[start : start + self._at_once]
            start += self._at_once
            self._at_once = min(self._at_once * 2, AT_ONCE)
            rest = self._gather(list(batch), fields, answers)
            if any(path not in answers for path in batch):
                break
        if rest and monotonic() + rest < self._deadline:
            self._wait("it has too much to do")
            time.sleep(rest)
        return answers

    def _gather(self, waiting: List[str], headers: Mapping[str, str], answers: Dict[str, Reply]) -> float:
        """Adds answers; returns for how many seconds the service wants to be left alone."""
        posed, path, rest, heard = False, "", 0.0, 0
        try:
            deadline = min(monotonic() + self._attempt, self._deadline)
            wire, _ = self._connected(deadline)
            wire.pose([self.place.base + path for path in waiting], headers, deadline)
            posed = True
            self.requests += len(waiting)
            while waiting:
                deadline = min(monotonic() + self._attempt, self._deadline)
                reply = wire.hear("GET", deadline, MOST_BODY, more=len(waiting) > 1)
                path = waiting.pop(0)
                heard += 1
                if 200 <= reply.status < 300 or reply.status in NOTHING_THERE:
                    answers[path] = reply
                elif reply.status in self._again:
                    self._is_patient = False
                    rest = rest or break_of(patience(reply), self._pause, chance())
                else:  # such as a redirection, which `ask` follows
                    self._alone.add(path)
                if not reply.keep:
                    break
        except (Broken, TooLarge):
            answers.pop(path, None)  # what broke may be the rest of the answer before, which said a wrong length
            waiting.append(path)
            self._silences += posed and monotonic() >= deadline
        self._takes_several = self._takes_several or heard > 1
        if waiting:
            self.close()
            self._at_once = FIRST_AT_ONCE
            # it may be one that forgets what was asked too early; one that did not before is away for a while, unless
            # it is silent again
            takes = self._takes_several and self._silences < MOST_SILENCES
            self._is_patient = self._is_patient and (takes or not posed)
        return rest

    def ask(
        self,
        method: str,
        path: str,
        headers: Optional[Mapping[str, str]] = None,
        body: bytes = b"",
        most: int = MOST_BODY,
        also: Collection[int] = (),
    ) -> Reply:
        """The answer to a request: a status of 2xx; statuses in ``also`` are worth asking again too. Raises as `get`
        does."""
        self._begin()
        pause, tried = self._pause, 0
        while True:
            problem: Unreachable
            tried, longest = tried + 1, LONGEST
            try:
                reply = self._follow(method, path, {**self._headers, **(headers or {})}, body, most)
            except TooLarge:
                raise Unreachable(f"{self._where(path)}: its answer is larger than {most >> 10} KiB") from None
            except Broken as broken:
                problem, asked, longest = broken, None, LONGEST_AWAY
                self._origins.append(self._origins.pop(self._origins.index(self.place)))
            else:
                if 200 <= reply.status < 300:
                    return reply
                problem = self._no(path, reply)
                asked = patience(reply)
                if reply.status not in self._again and reply.status not in also:
                    raise problem
            delay = break_of(asked, pause, chance())
            pause = min(pause * 2, longest)
            if tried == self._tries or monotonic() + delay >= self._deadline:
                raise self._gave_up(problem, tried)
            self._wait(problem.reason)
            time.sleep(delay)

    def _begin(self) -> None:
        if not self._deadline:
            self._deadline = monotonic() + self._budget
            self._wait("")

    def close(self) -> None:
        """Hangs up. The service can still be asked again."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _follow(self, method: str, path: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """The answer to one request, where it is after redirects that do not lead away from this service."""
        deadline = min(monotonic() + self._attempt, self._deadline)
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._once(method, path, headers, body, most, deadline)
            if reply.status not in (301, 302, 303, 307, 308) or method not in ("GET", "HEAD"):
                return reply
            target = self._inside(reply.headers.get("location", ""), path)
            if target is None:
                return reply
            path = target
        return reply

    def _inside(self, location: str, path: str) -> Optional[str]:
        """The path that a redirect means, None where it leads to another host."""
        if location.startswith("/") and not location.startswith("//"):
            target = location
        else:
            try:
                other = origin(location)
            except CloudbootError:
                return None
            if other.but(base="", zone="") != self.place.but(base="", zone=""):
                return None
            target = "/" + location.partition("://")[2].partition("/")[2]
        target = target.partition("#")[0]
        base = self.place.base
        return target[len(base) :] if target.startswith(base + "/") else None

    def _once(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, most: int, deadline: float
    ) -> Reply:
        wire, kept = self._connected(deadline)
        self.requests += 1
        try:
            reply = wire.ask(method, self.place.base + path, headers, body, deadline, most)
        except Broken:
            self.close()
            if kept and method == "GET":  # it may have hung up before this request, between two
                return self._once(method, path, headers, body, most, deadline)
            raise
        except BaseException:
            self.close()
            raise
        if not reply.keep:
            self.close()
        return reply

    def _connected(self, deadline: float) -> tuple[Wire, bool]:
        """The connection, and whether an earlier request has used it."""
        if self._wire is not None:
            if self._wire.idle:
                return self._wire, True
            self.close()
        port = self._source_ports[self._dialled % len(self._source_ports)]
        self._dialled += 1
        sock, self.place = race(self._origins, deadline, port)
        self.connections += 1
        self._wire = Wire(sock, "localhost" if self.place.scheme == "unix" else self.place.name)
        return self._wire, False

    def _no(self, path: str, reply: Reply) -> Unreachable:
        where = self._where(path)
        if reply.status in NOTHING_THERE:
            return Missing(f"{where}: nothing there ({reply.status})")
        if 300 <= reply.status < 400:
            return Refused(f"{where}: it sends us elsewhere ({reply.status})", reply)
        return Refused(f"{where}: it answers {reply.status}", reply)

    def _where(self, path: str) -> str:
        return f"{self.name} at {self.place}: {path.partition('?')[0]}"

    def _gave_up(self, problem: Unreachable, tried: int) -> Unreachable:
        if not isinstance(problem, Broken):
            return problem
        times = "once" if tried == 1 else f"{tried} times"
        return Unreachable(f"{self.name}: {problem.reason} (asked {times}, last at {self.place})")

    def _wait(self, problem: str) -> None:
        self._since = self._since or time.time()
        self._waiting(f"{self.name} at {self.place}{f' ({problem})' if problem else ''}", self._since)


def settled(
    paths: Sequence[str], gather: Callable[[Sequence[str]], Dict[str, Reply]], find: Callable[[str], Optional[bytes]]
) -> List[Optional[bytes]]:
    """What is at each path, None where nothing is: as many as can be are gathered; the first that cannot is found on
    its own, which may take until the service is there again, and then the others are gathered anew."""
    found: Dict[str, Optional[bytes]] = {}
    left = list(dict.fromkeys(paths))
    while left:
        answers = gather(left)
        found.update((path, None if reply.status in NOTHING_THERE else reply.body) for path, reply in answers.items())
        left = [path for path in left if path not in found]
        if left:
            path = left.pop(0)
            found[path] = find(path)
    return [found[path] for path in paths]
