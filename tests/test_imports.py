"""What a command may import: counted exactly, since every import is time on every machine's boot path."""

import subprocess
import sys

import pytest

HEAVY = {"yaml", "requests", "jinja2", "jsonpatch", "configobj", "subprocess", "argparse", "logging", "dataclasses",
         "typing", "email", "urllib.request", "http.client", "ssl", "tempfile", "shutil", "pathlib", "inspect",
         "importlib.metadata"}  # fmt: skip


def imported(*words):
    """The modules that a command line imports, beyond what a bare interpreter has."""
    code = "import sys; from cloudboot.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}", *words],
                          capture_output=True, text=True, check=True)  # fmt: skip
    bare = subprocess.run([sys.executable, "-I", "-c", "import sys; print(*sys.modules)"], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return set(done.stderr.splitlines()[-1].split()) - set(bare.stdout.split())


@pytest.mark.parametrize("words", [["version"], ["features"], ["status"], ["version", "--help"]])
def test_a_short_command_imports_nothing_that_is_slow(words, tmp_path):
    assert imported("--root", str(tmp_path), *words) & HEAVY == set()
