"""Prints instance data: the whole, one value, or a template filled in with it. ``v1.`` holds what all clouds have
in common, ``ds.`` what this one says. Whoever is not root does not see secrets."""

from __future__ import annotations

import os

from cloudboot import instancedata, json
from cloudboot.card import RUN
from cloudboot.cli.words import Given, Verb, Word
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.system.files import Files
from cloudboot.system.root import Tree

if TYPE_CHECKING:
    from typing import Any, Dict

FILES = (f"{RUN}/instance-data-sensitive.json", f"{RUN}/instance-data.json")


def run(given: Given) -> int:
    data = load(given.root)
    template = given.maybe("--format")
    path = given.text("KEY.PATH")
    if template is not None:
        from cloudboot.userdata import template as language

        print(language.render("## template: jinja\n" + template, data, "--format").text)
    elif given.flag("--list-keys"):
        inside = find(data, path)
        if not isinstance(inside, dict):
            raise CloudbootError(f"{path} is no mapping: it has no keys", "name what stands above it")
        print("\n".join(sorted({**inside, **({} if path else data["v1"])})))
    elif path or given.flag("--all"):
        value = find(data, path)
        print(value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True))
    else:
        raise CloudbootError("what of it?", "give a KEY.PATH such as v1.instance_id, --list-keys or --all")
    return 0


def load(root: str) -> Dict[str, Any]:
    """Instance data: all of it for root, redacted for everybody else."""
    files = Files(Tree(root))
    for path in FILES:
        try:
            raw = files.read(path)
        except CloudbootError:
            continue
        if raw is not None:
            data: Dict[str, Any] = json.loads(raw)
            return data if os.geteuid() == 0 else instancedata.redacted(data)
    raise CloudbootError("there is no instance data yet", "cloudboot status says how far the boot has come")


def find(data: Any, path: str) -> Any:
    """The value at ``v1.public_ssh_keys.0``; a name without ``v1.`` is looked for there. Raises `CloudbootError`."""
    here = data
    walked = ""
    for step in filter(None, path.split(".")):
        inner = here
        if not walked and isinstance(data, dict) and step not in data:
            inner = data.get("v1", {})
        if isinstance(inner, dict) and (step in inner or step.replace("_", "-") in inner):
            here = inner[step] if step in inner else inner[step.replace("_", "-")]
        elif isinstance(inner, list) and step.isdigit() and int(step) < len(inner):
            here = inner[int(step)]
        else:
            from difflib import get_close_matches

            near = get_close_matches(step, [str(k) for k in inner] if isinstance(inner, dict) else [], 1)
            where = f"instance-data '{walked}'" if walked else "instance-data"
            raise CloudbootError(f"{where} has no '{step}'", f"did you mean {near[0]}?" if near else "see --list-keys")
        walked = f"{walked}.{step}" if walked else step
    return here


VERB = Verb(
    "query",
    "Prints instance data: v1.* are standard keys, ds.* what the cloud said.",
    "cloudboot query v1.instance_id",
    (
        Word("KEY.PATH", "what to print"),
        Word("--all", "everything, as JSON", short="-a"),
        Word("--list-keys", "the names there are, below KEY.PATH or at the top", short="-l"),
        Word("--format", "a jinja template, rendered with the data", value="TEMPLATE", short="-f"),
    ),
    run,
    "0 found, 1 no such key",
)
