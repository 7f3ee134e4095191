"""Runs one part-handler, in a process of its own. Standard library only: it imports nothing of cloudboot.

Reads one JSON mapping from standard input: ``name``, ``source`` (base64), ``folder``, ``first`` (is this the first
boot of the instance), ``parts`` (each ``kind``, ``name``, ``content`` in base64, ``headers``). Prints one: ``kinds``
that the handler takes, how many ``parts`` it was given, and ``errors``, each the name of what it raised and where.
What the handler itself prints goes to standard error. Exit status 1 when the handler cannot be used at all.
"""

from __future__ import annotations

import os
import sys

ALWAYS, INSTANCE, ONCE = "always", "once-per-instance", "once"


def main() -> int:
    import json
    from binascii import a2b_base64

    order = json.loads(sys.stdin.buffer.read())
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if order.get("folder"):
        sys.path.insert(0, order["folder"])
    errors: list[str] = []
    taken: list[str] = []
    given = 0
    try:
        handler = load(order["name"], a2b_base64(order["source"]))
        taken = [str(kind).lower() for kind in handler.list_types()]
        if due(handler, order["first"]) and call(handler, errors, order, "__begin__", None, None, {}):
            for part in order["parts"]:
                if part["kind"] in taken:
                    content = payload(part["kind"], a2b_base64(part["content"]))
                    headers = {"-".join(w.capitalize() for w in k.split("-")): v for k, v in part["headers"].items()}
                    headers.setdefault("Content-Type", part["kind"])
                    call(handler, errors, order, part["kind"], part["name"], content, headers)
                    given += 1
            call(handler, errors, order, "__end__", None, None, {})
    except Exception as error:
        note(errors, error)
    json.dump({"kinds": sorted(taken), "parts": given, "errors": errors}, report)
    report.close()
    return 0 if taken or not errors else 1


def load(name: str, source: bytes):  # type: ignore[no-untyped-def]
    """The handler as a module. It may ask cloudinit.settings for the names of frequencies: they are provided."""
    import types

    settings = types.ModuleType("cloudinit.settings")
    settings.PER_ALWAYS, settings.PER_INSTANCE, settings.PER_ONCE = ALWAYS, INSTANCE, ONCE  # type: ignore[attr-defined]
    settings.FREQUENCIES = [INSTANCE, ALWAYS, ONCE]  # type: ignore[attr-defined]
    package = types.ModuleType("cloudinit")
    package.settings, package.__path__ = settings, []  # type: ignore[attr-defined]
    sys.modules.setdefault("cloudinit", package)
    sys.modules.setdefault("cloudinit.settings", settings)
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)  # noqa: S102 (this is what a part-handler is for)
    return module


def due(handler, first: bool) -> bool:  # type: ignore[no-untyped-def]
    """Does the handler run in this boot?"""
    frequency = getattr(handler, "frequency", INSTANCE)
    return frequency == ALWAYS or first and frequency == INSTANCE


def call(handler, errors, order, kind, name, content, headers) -> bool:  # type: ignore[no-untyped-def]
    """Gives the handler one part, in the words of its version; did it take it without an error?"""
    version = getattr(handler, "handler_version", 1)
    words = [None, kind, name, content]
    if version >= 2:
        words.append(INSTANCE if order["first"] else ALWAYS)
    if version >= 3:
        words.append(headers)
    try:
        handler.handle_part(*words)
    except Exception as error:
        note(errors, error)
        return False
    return True


def payload(kind: str, content: bytes):  # type: ignore[no-untyped-def]
    """Text for a text, bytes for anything else."""
    if not kind.startswith("text/"):
        return content
    return content.decode("utf-8", "surrogateescape")


def note(errors, error) -> None:  # type: ignore[no-untyped-def]
    import traceback

    traceback.print_exc()
    line = traceback.extract_tb(error.__traceback__)[-1].lineno
    errors.append(f"{type(error).__name__} at line {line}")


if __name__ == "__main__":
    sys.exit(main())
