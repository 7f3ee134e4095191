"""What happens in a boot, told to those whom ``reporting:`` names: a stage or module begins, a stage or module is over.

    reporting:
      here: {type: print}
      central: {type: webhook, endpoint: "https://reports.example.org/boots", retries: 2}

Names are those that receivers know: ``init-local``, ``init-network``, ``modules-config`` and ``modules-final`` are the
stages, ``modules-final/config-scripts_user`` is a module in one. To tell costs a boot no waiting, and no error.
"""

from __future__ import annotations

import time

from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Protocol

    from cloudboot.log import Log

    class Handler(Protocol):
        """One whom events are told. ``close`` waits no longer than so many seconds for what is still on its way."""

        def tell(self, event: Event) -> None: ...
        def close(self, seconds: float) -> None: ...


STAGES = {
    "local": ("init-local", "searching for local datasources"),
    "network": ("init-network", "searching for network datasources"),
    "config": ("modules-config", "running modules for config"),
    "final": ("modules-final", "running modules for final"),
}
"""Name and description of each stage, as receivers know them."""
SUCCESS, WARN, FAIL = "SUCCESS", "WARN", "FAIL"
STEPS = {"user_data": "consume-user-data"}
CLOSE_SECONDS = 10.0
LONGEST = 500


class Event(Noun):
    """``type`` is start or finish, ``result`` of a finish SUCCESS, WARN or FAIL; times are in seconds."""

    name: str
    description: str
    type: str
    timestamp: float
    result: str = ""
    duration: Optional[float] = None

    def __str__(self) -> str:
        return ": ".join(word for word in (self.type, self.name, self.result, self.description) if word)

    def fields(self) -> Dict[str, Any]:
        """As a receiver of JSON expects it."""
        told = {"name": self.name, "description": self.description, "event_type": self.type, "origin": "cloudboot",
                "timestamp": self.timestamp}  # fmt: skip
        if self.result:
            told.update(result=self.result, duration=self.duration or 0.0)
        return told


class Events:
    """The events of one boot. Before `configure` nobody is told any. ``stage`` is the one that has begun already, at
    ``began``, if any has."""

    def __init__(self, stage: str = "", began: float = 0.0) -> None:
        self._handlers: Dict[str, Handler] = {}
        self._about: Dict[str, Any] = {}
        self._began: Dict[str, float] = {STAGES[stage][0]: began} if stage else {}

    def configure(self, config: Mapping[str, Any], log: Log) -> None:
        """Tells whom ``reporting`` of a config names from now on, and nobody else; one who was told before goes on."""
        said = config.get("reporting")
        wanted = {k: v for k, v in said.items() if isinstance(v, dict)} if isinstance(said, dict) else {}
        for name in [n for n in self._handlers if wanted.get(n) != self._about[n]]:
            self._handlers.pop(name).close(0.0)
        for name, about in wanted.items():
            if name not in self._handlers:
                handler = _handler(about, log)
                if handler is not None:
                    self._handlers[name], self._about[name] = handler, about

    def begin(self, stage: str, module: str = "") -> None:
        """A stage begins, or a module in it."""
        self.start(*((event_name(stage, module), f"running {module}") if module else STAGES[stage]))

    def end(self, stage: str, module: str = "", said: str = "", failed: bool = False, warned: bool = False) -> None:
        """It is over; ``said`` is what a module had to say."""
        name, description = (event_name(stage, module), said or f"{module} is done") if module else STAGES[stage]
        self.finish(name, description, FAIL if failed else WARN if warned else SUCCESS)

    def start(self, name: str, description: str) -> None:
        self._began[name] = time.monotonic()
        if self._handlers:
            self._tell(Event(name, description[:LONGEST], "start", round(time.time(), 3)))

    def finish(self, name: str, description: str, result: str = SUCCESS) -> None:
        took = time.monotonic() - self._began.pop(name, time.monotonic())
        if self._handlers:
            self._tell(Event(name, description[:LONGEST], "finish", round(time.time(), 3), result, round(took, 3)))

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """There are no more events: waits for those on their way, ``seconds`` at most in all."""
        end = time.monotonic() + seconds
        while self._handlers:
            self._handlers.popitem()[1].close(max(0.0, end - time.monotonic()))

    def _tell(self, event: Event) -> None:
        for handler in self._handlers.values():
            handler.tell(event)


class Written:
    """Each event is a line of the log, or a warning or an error there where the level says so."""

    def __init__(self, about: Mapping[str, Any], log: Log) -> None:
        self._say = {"WARN": log.warn, "ERROR": log.error, "FATAL": log.error}.get(str(about.get("level")), log.debug)

    def tell(self, event: Event) -> None:
        self._say(f"event {event}")

    def close(self, seconds: float) -> None:
        pass


class Printed:
    """Each event is a line of the output."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def tell(self, event: Event) -> None:
        self._log.output(f"{event}\n".encode("utf-8", "replace"))

    def close(self, seconds: float) -> None:
        pass


def event_name(stage: str, module: str) -> str:
    """The name of a module's events, as receivers know it."""
    return f"{STAGES[stage][0] if stage in STAGES else stage}/{STEPS.get(module, f'config-{module}')}"


def _handler(about: Mapping[str, Any], log: Log) -> Optional[Handler]:
    """The handler of this description; None for one that is none, which `cloudboot.schema` has said."""
    kind = about.get("type")
    if kind == "log":
        return Written(about, log)
    if kind == "print":
        return Printed(log)
    if kind == "webhook" and isinstance(about.get("endpoint"), str):
        from cloudboot.webhook import Webhook

        return Webhook(about, log.warn)
    if kind == "hyperv" and log.tree is not None:
        from cloudboot.kvp import Pool

        return Pool(about, log)
    return None
