"""The reference pages, written from the declarations: one page for each module, datasource and verb, and the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, Optional

from cloudboot import check
from tools.pages import manual, plugins

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDERS = ("modules", "datasources", "man")
SCHEMA = "cloud-config.schema.json"


def written() -> Dict[str, str]:
    """Every page by its path below docs/."""
    found = dict(plugins.pages())
    found.update(manual.pages())
    found[SCHEMA] = json.dumps(check.export(), indent=1) + "\n"
    return found


def stale() -> Dict[str, Optional[str]]:
    """The pages that differ from what they should be, each with what it should be; None for one that is to go."""
    wanted = written()
    found: Dict[str, Optional[str]] = {
        path: text for path, text in wanted.items() if not (DOCS / path).is_file() or (DOCS / path).read_text() != text
    }
    for folder in FOLDERS:
        here = (str(path.relative_to(DOCS)) for path in (DOCS / folder).glob("*"))
        found.update((path, None) for path in here if path not in wanted)
    return found
