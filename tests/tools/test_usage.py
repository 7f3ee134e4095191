"""What is for people who work on cloudboot, or on images with it, starts."""

import os
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SCRIPTS = [p for p in sorted(TOOLS.iterdir()) if p.is_file() and os.access(p, os.X_OK)
           and p.read_bytes().startswith(b"#!/usr/bin/env python3")]  # fmt: skip


@pytest.mark.parametrize("tool", SCRIPTS, ids=lambda path: path.name)
def test_a_tool_says_how_it_is_used(tool):
    done = subprocess.run([str(tool), "--help"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: {tool.name}" in done.stdout
