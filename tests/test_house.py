"""The rules of the house, checked: who may import whom, who may touch the machine, how big a file gets."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [  # a file imports from floors below its own, and from its own package
    {"__init__", "noun", "bytecode", "packages"},
    {"errors", "text", "json", "digests"},
    {"values"},
    {"card"},
    {"schema"},
    {"dhcp", "userdata", "network", "media", "cmdline", "defaults", "instancedata"},
    {"packed"},
    {"metadata"},
    {"system", "netlink"},
    {"ephemeral", "http", "fetch", "host", "admin", "seed", "apply"},
    {"clues", "clouds"},
    {"datasource", "module"},
    {"datasources", "modules"},
    {"webhook", "kvp"},
    {"events"},
    {"registry", "report", "state", "settings", "log", "gate", "tell"},
    {"identify", "thirdparty"},
    {"given", "check", "schedule"},
    {"job"},
    {"asking"},
    {"early"},
    {"kept"},
    {"whence"},
    {"carry"},
    {"settling"},
    {"access", "consume", "whoami", "config_url", "signals"},
    {"hotplug"},
    {"boot"},
    {"start"},
    {"cli"},
    {"__main__"},
]
OWNERS = {  # the one file that imports each third-party or costly package
    "_sha256": {"digests.py"},
    "_sha2": {"digests.py"},
    "yaml": {"userdata/libyaml.py", "userdata/document.py"},
    "requests": {"fetch.py"},
    "jinja2": {"userdata/template.py"},
    "jsonpatch": {"userdata/config.py", "userdata/patch.py"},
    "configobj": set(),
    "netifaces": set(),
    "subprocess": set(),
    "pickle": set(),
    "marshal": {"bytecode.py"},
    "shelve": set(),
    "random": set(),
    "dataclasses": set(),
    "argparse": set(),
    "logging": set(),
    "tempfile": set(),
    "shutil": set(),
    "pathlib": set(),
    "typing": set(),
}
WRITERS = {"system/files.py", "system/disk.py", "system/root.py", "system/spawn.py", "system/aside.py",
           "system/journal.py", "state.py", "bytecode.py", "gate.py", "log.py",
           "userdata/handler_driver.py"}  # fmt: skip
WRITES = {"mkdir", "makedirs", "chmod", "chown", "rename", "replace", "unlink", "remove", "rmdir", "symlink",
          "truncate", "write_text", "write_bytes", "system", "popen", "fork", "posix_spawn", "execv", "execve", "kill",
          "mkfifo", "eval", "exec"}  # fmt: skip
BANNED = {"util", "utils", "helpers", "common", "misc", "manager", "base"}
STDLIB_LATE = {"email", "urllib", "http", "base64", "hashlib", "ipaddress", "uuid", "inspect", "importlib", "difflib",
               "concurrent", "asyncio", "configparser", "csv", "xml", "ssl", "socket", "gzip", "zlib", "secrets",
               "datetime", "ftplib", "threading", "re", "string", "textwrap"}  # fmt: skip


def files():
    for folder in ("cloudboot", "datasources", "modules"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            inside = path.relative_to(ROOT / folder)
            if folder == "cloudboot" and inside.parts[0] in ("datasources", "modules"):
                continue
            yield str(inside) if folder == "cloudboot" else f"{folder}/{inside}", path


FILES = dict(files())


def room(name):
    first = name.split("/")[0]
    if name == "network/apply.py":
        return "apply"
    return first[:-3] if first.endswith(".py") else first


def floor(name):
    return next((i for i, rooms in enumerate(FLOORS) if name in rooms), None)


def imports(tree):
    """(module, is at top level) for every import that runs."""
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, top, node
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            for alias in node.names:
                yield f"{node.module}.{alias.name}", top, node


def typing_only(tree):
    """Everything below ``if TYPE_CHECKING``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            for child in node.body:
                found.update(id(n) for n in ast.walk(child))
    return found


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_imports_only_downwards_and_each_package_has_one_owner(name):
    tree = ast.parse(FILES[name].read_text())
    hidden = typing_only(tree)
    mine = room(name)
    assert floor(mine) is not None, f"no floor has a room {mine!r}: add it to FLOORS"
    for imported, top, node in imports(tree):
        package = imported.split(".")[0]
        if id(node) in hidden:
            continue
        if package == "cloudboot":
            parts = imported.split(".")
            other = parts[1] if len(parts) > 1 else "__init__"
            if parts[1:3] == ["network", "apply"]:
                other = "apply"
            if other in ("__version__",):
                continue
            assert other == mine or floor(other) < floor(mine), f"{name} reaches up to {imported}"
            assert not (other == mine and mine in {"datasources", "modules"}), "plug-ins do not know each other"
        else:
            assert name in OWNERS.get(package, {name}), f"{imported} belongs to {OWNERS[package]}"
            if top and package in STDLIB_LATE:
                pytest.fail(f"{name}:{node.lineno}: import {package} inside the function that needs it")
            known = package in sys.stdlib_module_names if hasattr(sys, "stdlib_module_names") else True
            assert known or package in OWNERS, f"{package} is no run-time dependency"


@pytest.mark.parametrize("name", sorted(FILES))
def test_only_the_door_writes_to_the_machine(name):
    if name in WRITERS:
        return
    for node in ast.walk(ast.parse(FILES[name].read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if owner in ("os", "shutil", "") and called in WRITES and (owner or called in ("eval", "exec")):
            pytest.fail(f"{name}:{node.lineno}: {called}() goes round the door")
        if called == "open" and not owner:
            mode = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else "r"
            assert not set(str(mode)) & set("wax+"), f"{name}:{node.lineno}: open({mode!r}) goes round the door"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_is_short_and_plainly_named(name):
    source = FILES[name].read_text()
    plug_in = name.startswith(("datasources/", "modules/"))
    assert source.count("\n") <= (200 if plug_in else 300), "a second noun has appeared: name it"
    assert not set(Path(name).with_suffix("").parts) & BANNED
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno < 50, f"{name}: {node.name} is longer than 50 lines"


@pytest.mark.parametrize(
    "name", sorted(n for n in FILES if n.startswith(("datasources/", "modules/")) and "__" not in n)
)
def test_a_plug_in_declares_itself_and_has_a_test(name):
    kind, file = name.split("/")
    assert (ROOT / "tests" / kind / f"test_{file}").exists(), "a plug-in is one file and one test"
    declared = "DATASOURCE" if kind == "datasources" else "MODULE"
    last = ast.parse(FILES[name].read_text()).body[-1]
    targets = getattr(last, "targets", [getattr(last, "target", None)])
    assert [getattr(t, "id", "") for t in targets] == [declared], f"{name} ends in {declared} = ..."
