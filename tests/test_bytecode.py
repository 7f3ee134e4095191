import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cloudboot import bytecode

TOP = Path(__file__).resolve().parent.parent
SHOW = (
    "print(status.__spec__.loader.__class__.__name__, status.__file__, cli.__path__, status.look.__code__.co_filename)"
)


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", "datasources", "modules")
    shutil.copytree(TOP / "cloudboot", tmp_path / "cloudboot", ignore=ignored)
    (tmp_path / "cloudboot" / "bytecode").write_bytes(bytecode.packed(str(tmp_path / "cloudboot")))
    return tmp_path / "cloudboot"


def said(folder, code=SHOW):
    start = f"import sys; sys.path.insert(0, {str(folder.parent)!r}); from cloudboot import bytecode; bytecode.use(); "
    start += "from cloudboot import cli; from cloudboot.cli import status; "
    done = subprocess.run([sys.executable, "-I", "-c", start + code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_modules_come_from_the_one_file_and_know_where_their_source_is(folder):
    path = str(folder / "cli" / "status.py")
    assert said(folder) == ["Finder", path, f"['{folder}/cli']", path]


def test_what_it_holds_has_the_features_of_the_future_and_asks_for_them_no_more():
    code = bytecode.compiled(b"'text'\nfrom __future__ import annotations\nx: int = 1\n", "a.py")
    found = {}
    exec(code, found)  # noqa: S102
    assert "__future__" not in code.co_names
    assert (found["__doc__"], found["__annotations__"]) == ("text", {"x": "int"})


def test_a_source_that_was_edited_counts(folder):
    with open(folder / "cli" / "status.py", "a") as file:
        file.write("\nMENDED = 'yes'\n")
    assert said(folder, "print(status.__spec__.loader.__class__.__name__, status.MENDED)") == [
        "SourceFileLoader",
        "yes",
    ]


def test_a_source_of_another_time_counts(folder):
    os.utime(folder / "cli" / "status.py", ns=(1, 1))
    assert said(folder)[0] == "SourceFileLoader"


@pytest.mark.parametrize("rest", [len(bytecode.NAME) + 4, len(bytecode.NAME) + 20, 100_000, -1])
def test_a_file_that_is_not_whole_counts_as_none(folder, rest):
    whole = (folder / "bytecode").read_bytes()
    (folder / "bytecode").write_bytes(whole[:rest])
    assert said(folder)[0] == "SourceFileLoader"


@pytest.mark.parametrize("content", [None, b"", b"cloudboot", b"cloudboot cpython-30 30000f0\n" + bytes(64)])
def test_without_a_file_of_this_python_all_is_as_ever(folder, content):
    (folder / "bytecode").unlink()
    if content is not None:
        (folder / "bytecode").write_bytes(content)
    assert said(folder)[0] == "SourceFileLoader"
