"""Says how far the boot is: not started, running, done, error or disabled; with ``--long`` what is being waited for
and since when, and what went wrong. ``--wait`` returns when the boot is over, or after ``--timeout`` seconds."""

from __future__ import annotations

import time

from cloudboot import gate, json, report
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.noun import TYPE_CHECKING
from cloudboot.start import disabled
from cloudboot.state import State

if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

POLL_SECONDS = 0.25
ASK_SECONDS = 5.0
DIED = "the agent ended before the boot was over; the next boot goes on from there (journalctl -b -u cloudboot.service)"
NOT_STARTED = "the agent could not be started (journalctl -b -u cloudboot.service)"
BEFORE = "waiting for the units that come before the local stage (systemctl list-jobs)"
KEPT = "as it was at an earlier boot: nothing was heard of it at this one"
STAGES = ("local", "network", "config", "final")


def run(given: Given) -> int:
    state = State(given.root, readonly=True)
    limit = given.number("--timeout")
    end = None if limit is None else time.monotonic() + limit
    seen = look(state, given)
    asked = 0.0
    while given.flag("--wait") and seen["status"] in ("running", "not started"):
        if end is not None and time.monotonic() >= end:
            seen["detail"] = f"still {seen['status']} after {limit:g} s; {seen['detail']}".rstrip("; ")
            show(seen, given)
            return 1
        if seen["status"] == "not started" and time.monotonic() - asked > ASK_SECONDS:
            asked = time.monotonic()
            if given.root == "/" and gate.unit() in ("failed", "inactive"):
                break
        time.sleep(POLL_SECONDS)
        seen = look(state, given)
    if seen["status"] == "not started" and given.root == "/":
        never_started(seen)
    show(seen, given)
    if seen["errors"]:
        return 1
    return 2 if seen["recoverable_errors"] and seen["status"] == "done" else 0


def never_started(seen: Dict[str, Any]) -> None:
    """What systemd knows of an agent that left no word."""
    state = gate.unit()
    if state == "failed":
        seen.update(status="error", extended_status="error", errors=[NOT_STARTED])
    elif state == "inactive":
        seen.update(status="disabled", extended_status="disabled", detail="cloudboot.service is not to be started")
    elif state == "active":
        seen.update(detail=BEFORE)


def look(state: State, given: Given) -> Dict[str, Any]:
    """What is known now, by the names that callers of the ecosystem read."""
    data = report.read(state)
    off = "" if data else disabled(given.root, given.config)
    if not data:
        status, code = ("disabled", switch(off)) if off else ("not started", "unknown")
    else:
        if "finished" not in data and not is_at_work(state, given.root, data):
            data["errors"].append(DIED)
        status, code = "running", "enabled-by-generator"
        if "finished" in data or DIED in data["errors"]:
            status = "error" if data["errors"] else "done"
    stages = data.get("stages", {})
    current = next((s for s in STAGES if s in stages and "finished" not in stages[s]), None)
    warnings = data.get("warnings", [])
    degraded = bool(warnings) and status in ("done", "running")
    return {
        "status": status,
        "extended_status": f"degraded {status}" if degraded else status,
        "boot_status_code": code,
        "stage": current,
        "detail": detail(data, status),
        "datasource": data.get("datasource", ""),
        "instance_id": data.get("instance_id", ""),
        "cached": bool(data.get("cached")),
        "errors": data.get("errors", []),
        "recoverable_errors": {"WARNING": warnings} if warnings else {},
        "last_update": time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(latest(data))) if data else "",
        "waiting": data.get("waiting"),
        "working": data.get("working"),
        **{s: stages[s] for s in STAGES if s in stages},
        **plugged(state, data),
    }


def plugged(state: State, data: Dict[str, Any]) -> Dict[str, Any]:
    """What came of the interfaces that came or went since this boot; nothing where none did."""
    last = report.read(state, report.HOTPLUG)
    if not last or last.get("boot") != data.get("boot"):
        return {}
    return {"hotplug": {key: last[key] for key in ("errors", "warnings", "waiting") if key in last}}


def is_at_work(state: State, root: str, data: Dict[str, Any]) -> bool:
    """Does the agent that this is of go on? A tree's may be in a container, where its number means nothing to us."""
    return report.is_alive(data) or (root != "/" and state.is_held)


def switch(off: str) -> str:
    """Which of the ecosystem's names for being switched off this is."""
    if off.endswith("command line"):
        return "disabled-by-kernel-command-line"
    return "disabled-by-environment-variable" if off.startswith("KERNEL_CMDLINE") else "disabled-by-marker-file"


def detail(data: Dict[str, Any], status: str) -> str:
    """One line for a person."""
    for key, verb in (("waiting", "waiting for"), ("working", "in module")):
        now: Optional[Dict[str, Any]] = data.get(key)
        if status == "running" and now:
            what = now.get("for") or now.get("module")
            return f"{verb} {what}, since {time.time() - now['since']:.0f} s"
    if data.get("reason"):
        return str(data["reason"])
    source = data.get("datasource")
    kept = f", {KEPT}" if data.get("cached") else ""
    return f"datasource {source} [{data.get('subplatform', '')}]{kept}".replace(" []", "") if source else ""


def latest(data: Dict[str, Any]) -> float:
    times: List[float] = [data.get("finished", 0.0)]
    for stage in data.get("stages", {}).values():
        times += [stage.get("started", 0.0), stage.get("finished", 0.0)]
    return max(times)


def show(seen: Dict[str, Any], given: Given) -> None:
    if given.text("--format") == "json":
        print(json.dumps(seen, indent=1))
        return
    print(f"status: {seen['status']}")
    if given.flag("--long"):
        for key in ("extended_status", "boot_status_code", "stage", "instance_id", "last_update"):
            if seen[key]:
                print(f"{key}: {seen[key]}")
    if given.flag("--long") or seen["status"] == "running":
        print(f"detail: {seen['detail']}")
    if given.flag("--long"):
        for text in seen["errors"]:
            print(f"error: {text}")
        for text in seen["recoverable_errors"].get("WARNING", []):
            print(f"warning: {text}")
        if "hotplug" in seen:
            show_plugged(seen["hotplug"])


def show_plugged(last: Dict[str, Any]) -> None:
    waiting = last.get("waiting")
    if waiting:
        print(f"hotplug: waiting for {waiting['for']}, since {time.time() - waiting['since']:.0f} s")
    for kind in ("errors", "warnings"):
        for text in last[kind]:
            print(f"hotplug: {kind[:-1]}: {text}")
    if not (waiting or last["errors"] or last["warnings"]):
        print("hotplug: done")


VERB = Verb(
    "status",
    "Says how the boot went, or what it is doing and waiting for.",
    "cloudboot status --wait --timeout 300 --long",
    (
        Word("--wait", "return when the boot is over", short="-w"),
        Word("--timeout", "with --wait: give up after so many seconds", value="SECONDS"),
        Word("--long", "all that is known", short="-l"),
        Word("--format", "how to print it", value="FORMAT", choices=("text", "json", "tabular")),
    ),
    run,
    "0 ok, 1 error, 2 done with warnings",
)
