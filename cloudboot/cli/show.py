"""How a plan is shown: for each module the changes it would make, files as unified diffs."""

from __future__ import annotations

from cloudboot import json
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system import actions

if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Tuple

    from cloudboot.report import Entry
    from cloudboot.system.plan import Step

CONTEXT = 3
LONG = 400


def as_text(planned: Iterable[Tuple[Entry, List[Step]]]) -> str:
    """Every module that has something to do, with what it would do."""
    lines: List[str] = []
    for entry, steps in planned:
        if not (steps or entry.error or entry.warnings):
            continue
        lines.append(f"{entry.name}:")
        lines += [f"  error: {entry.error}"] if entry.error else []
        lines += [f"  warning: {text}" for text in entry.warnings]
        for step in steps:
            lines.append(f"  {step.action}")
            lines += [f"      {line}" for line in diff(step)]
    return "\n".join(lines)


def as_json(planned: Iterable[Tuple[Entry, List[Step]]]) -> str:
    """The same as a list of mappings: module, error, warnings, changes."""
    out: List[Dict[str, Any]] = []
    for entry, steps in planned:
        changes = [{"what": str(s.action), "kind": type(s.action).__name__, **_about(s)} for s in steps]
        out.append({"module": entry.name, "changes": changes, "warnings": list(entry.warnings),
                    "error": entry.error or None})  # fmt: skip
    return json.dumps(out, indent=1)


def _about(step: Step) -> Dict[str, Any]:
    action = step.action
    if isinstance(action, actions.Run):
        return {"argv": list(action.argv), "user": action.user}
    if isinstance(action, (actions.Fetch, actions.Draw, actions.Say, actions.TakeName, actions.AwaitLock)):
        return {}
    about: Dict[str, Any] = {"path": action.path}
    lines = diff(step)
    if lines:
        about["diff"] = "\n".join(lines) + "\n"
    if isinstance(action, actions.WriteFile):
        about.update(mode=f"{action.mode:04o}", owner=action.owner)
    return about


def diff(step: Step) -> List[str]:
    """What changes in a file, as a unified diff; secrets and what is no text are named as such."""
    action = step.action
    if isinstance(action, actions.Append):
        old, new = step.before or b"", (step.before or b"") + action.content
    elif isinstance(action, actions.WriteFile):
        old, new = step.before or b"", action.content
    else:
        return []
    if action.secret:
        return ["(secret: not shown)"]
    if isinstance(action, actions.WriteFile) and step.mode not in (None, action.mode) and old == new:
        return [f"(mode {step.mode:04o} becomes {action.mode:04o})"]
    try:
        before, after = (data.decode().splitlines() for data in (old, new))
    except UnicodeDecodeError:
        return ["(no text: not shown)"]
    if b"\0" in new:
        return ["(no text: not shown)"]
    from difflib import unified_diff

    name = "before" if step.before is not None else "nothing"
    lines = list(unified_diff(before, after, name, "after", "", "", CONTEXT, lineterm=""))
    return lines if len(lines) <= LONG else [*lines[:LONG], f"({len(lines) - LONG} more lines)"]
