"""What systemd itself thinks of the units."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.nspawn
UNITS = Path(__file__).resolve().parents[2] / "systemd"


def verify(folder):
    """What ``systemd-analyze verify`` complains of, in units whose program is one that this machine has."""
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.socket")):
        (folder / unit.name).write_text(unit.read_text().replace("/usr/bin/cloudboot", "/bin/true"))
    units = sorted(str(p) for p in (*folder.glob("*.service"), *folder.glob("*.socket")))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout + done.stderr


def test_systemd_finds_nothing_to_complain_of(tmp_path):
    assert verify(tmp_path) == ""


def test_systemd_would_complain_of_a_mistake(tmp_path):
    (tmp_path / "cloudboot-wrong.service").write_text("[Service]\nTyp=oneshot\nExecStart=/bin/true\n")
    assert "Typ" in verify(tmp_path)
