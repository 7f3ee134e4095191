"""Every example in the words of every renderer, as it was read and found right: `golden/` holds the files.

python -m tests.network.test_golden     writes them anew, to be read before they are committed
"""

import subprocess
import sys
from pathlib import Path

import pytest

from cloudboot.network import HEADER, RENDERERS, parse, render
from cloudboot.network.model import Target
from tests import needs
from tests.network.examples import DOCUMENTS

GOLDEN = Path(__file__).parent / "golden"
TARGETS = {"eni": ("debian",), "sysconfig": ("redhat", "suse")}
INSIDE = Path(__file__).parent / "inside.py"


def golden(name):
    return GOLDEN / f"{name.replace(' ', '-')}.txt"


def told(document):
    """All files of all renderers, and what they leave out, as one text."""
    network, text = parse(document), ""
    for renderer in RENDERERS:
        for family in TARGETS.get(renderer, ("debian",)):
            made = render(renderer, network, Target(family))
            for spec in made.files:
                content = spec.content.decode().replace(HEADER, "")
                text += f"==== {renderer} {family} {spec.path} {spec.mode:04o}\n{content}"
            text += "".join(f"==== {renderer} {family} leaves out: {warning}\n" for warning in made.warnings)
    return text


def test_there_are_enough_of_them():
    assert len(DOCUMENTS) >= 60
    assert {golden(name).name for name in DOCUMENTS} == {path.name for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_an_example_is_rendered_as_it_was(name):
    assert told(DOCUMENTS[name]) == golden(name).read_text()


def test_networkd_itself_has_nothing_to_say_against_any_file():
    """All examples at once: each file under a name of its own, so that every one is read."""
    files = {}
    for i, name in enumerate(sorted(DOCUMENTS)):
        for spec in render("networkd", parse(DOCUMENTS[name])).files:
            base = spec.path.rpartition("/")[2]
            files[f"/etc/systemd/network/{i:02d}-{base}"] = spec.content.decode()
    needs.root()
    done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, INSIDE,
                           "--log"], input=__import__("json").dumps({"files": files}), capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Enumeration completed" in done.stdout
    words = ("Unknown", "Failed to parse", "Invalid", "ignoring assignment", "Ignoring")
    complaints = [line for line in done.stdout.splitlines() if "/etc/systemd/network/" in line
                  and any(word in line for word in words)]  # fmt: skip
    assert complaints == []


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.iterdir():
        old.unlink()
    for name, document in DOCUMENTS.items():
        golden(name).write_text(told(document))
