"""The end of a command, by the process that it is."""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def run(*words, **how):
    return subprocess.run([sys.executable, "-m", "cloudboot", *words], cwd=TOP, text=True, **how)


def test_all_that_was_printed_arrives_and_the_status_is_that_of_the_verb(tmp_path):
    done = run("version", capture_output=True)
    assert (done.returncode, done.stdout.split()[0]) == (0, "cloudboot")
    done = run("verzion", capture_output=True)
    assert (done.returncode, done.stdout) == (2, "") and "did you mean version?" in done.stderr
    long = tmp_path / "long"
    with long.open("w") as file:
        assert run("schema", "--export", stdout=file).returncode == 0
    assert long.read_text().rstrip().endswith("}")


def test_a_reader_that_goes_away_and_an_output_that_was_closed_are_no_bug():
    read, write = os.pipe()
    os.close(read)
    done = run("version", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")
    done = subprocess.run(["sh", "-c", f"exec {sys.executable} -m cloudboot version >&-"], cwd=TOP, capture_output=True)
    assert b"Traceback" not in done.stderr and done.returncode == 0
