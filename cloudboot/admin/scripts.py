"""Runs what an owner wrote: the scripts of a folder, each on its own, in the order of their names."""

from __future__ import annotations

from cloudboot.admin import commands
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Number
from cloudboot.system.door import failure

if TYPE_CHECKING:
    from typing import Dict, List, Mapping, Sequence

    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System

SCRIPT_SECONDS = 6 * 3600.0


class ScriptOptions(Noun):
    """What every module that runs an owner's own commands can be told."""

    scripts_timeout: float = option(
        Number(least=1), default=SCRIPT_SECONDS, help="seconds that one script may take; for an image's configuration"
    )


def run_scripts(system: System, options: ScriptOptions, folders: Sequence[str], env: Mapping[str, str],
                prefix: Sequence[str] = ()) -> None:  # fmt: skip
    """Runs every executable file of the folders; where two have one name, that of the first folder.

    ``prefix`` are words in front of each. A script that fails stops none of the others; what is raised in the end
    names all that did.
    """
    failed: List[str] = []
    scripts = _scripts(system, folders)
    for name, path in sorted(scripts.items()):
        done = run_script(system, options, path, (*prefix, path), env)
        if done.code:
            failed.append(failure((name,), done, quiet=True).reason)
    if failed:
        raise CloudbootError(f"{len(failed)} of {len(scripts)} scripts failed: {'; '.join(failed)}",
                             "the output log has all they said")  # fmt: skip


def run_script(system: System, options: ScriptOptions, path: str, argv: Sequence[str],
               env: Mapping[str, str]) -> Outcome:  # fmt: skip
    """Runs one script, at most once whatever the power does. Of a list of commands, how each ended is written to
    ``path.json`` and warned of."""
    text = (system.text(path) or "") if path.endswith(("/runcmd", "/bootcmd")) else ""
    marked = commands.is_marked(text)
    done = system.run(
        *argv, env=env, timeout=options.scripts_timeout, in_doubt="skip", stream=True, check=False, marks=marked
    )
    name = path.rpartition("/")[2]
    if done.doubted:
        system.warn(f"{name} may have been running when the power went; it is not run a second time")
    elif marked and not done.planned and not done.left:
        commands.record(system, name, f"{path}.json", commands.ended(done, text))
    return done


def _scripts(system: System, folders: Sequence[str]) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for folder in folders:
        for name in system.names(folder):
            if name not in found and _is_executable(system, f"{folder}/{name}"):
                found[name] = f"{folder}/{name}"
    return found


def _is_executable(system: System, path: str) -> bool:
    entry = system.look(path)
    if entry and entry.kind == "link":
        target = entry.target if entry.target.startswith("/") else f"{path.rpartition('/')[0]}/{entry.target}"
        entry = system.look(target)
    return bool(entry and entry.kind == "file" and entry.mode & 0o111)
