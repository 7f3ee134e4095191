"""The documentation says what is so."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| `([\w.]+)\.([A-Z_]+)` \|$", (ROOT / "docs/limits.md").read_text(), re.M)
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "s": 1, "": 1}


@pytest.mark.parametrize("what,bound,module,name", ROWS, ids=[row[3] for row in ROWS])
def test_the_page_of_limits_says_what_the_constants_say(what, bound, module, name):
    number, _, unit = bound.partition(" ")
    assert float(number) * UNITS[unit] == getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
