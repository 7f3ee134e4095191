import subprocess
import sys

import pytest

from cloudboot.errors import CommandFailed
from cloudboot.userdata import handlers
from cloudboot.userdata.handlers import Handler, answer, declared_kinds, order
from cloudboot.userdata.parts import Part

SOURCE = b"""#part-handler
from cloudinit.settings import PER_ALWAYS
frequency = PER_ALWAYS
handler_version = 3
def list_types():
    return ["text/plain", "Text/X-Thing"]
def handle_part(data, ctype, filename, payload, frequency, headers):
    print("got", ctype, filename, repr(payload), frequency, headers.get("X-Note"))
    if payload == "fail":
        raise KeyError(payload)
"""


def run(source, *parts, first=True):
    """(what it answered, what it printed, its exit status)."""
    handler = Handler("part-handler-001.py", source, "user-data", None, parts)
    done = subprocess.run(
        [sys.executable, "-I", handlers.DRIVER], input=order(handler, first), capture_output=True, timeout=30
    )
    return answer(done.stdout), done.stderr.decode(), done.returncode


def part(content, kind="text/x-thing", name="a.txt"):
    return Part(kind, content, name, "user-data#a.txt", {"x-note": "hello"})


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        (SOURCE, ("text/plain", "text/x-thing")),
        (b"def list_types():\n  'doc'\n  return('a/b',)\n", ("a/b",)),
        (b"def list_types():\n  return list(KINDS)\n", None),
        (b"def list_types():\n  if x: return ['a/b']\n  return ['c/d']\n", None),
        (b"def list_types():\n  return 'a/b'\n", None),
        (b"x = 1\n", None),
        (b"def list_types(:\n", None),
        (b"\xff\x00", None),
        (b"(" * 100_000, None),
    ],
)
def test_the_kinds_of_a_handler_are_read_off_its_source(source, kinds):
    assert declared_kinds(source) == kinds


def test_a_handler_is_given_its_parts_between_a_beginning_and_an_end():
    handled, said, code = run(SOURCE, part(b"one"), part(b"x", "a/b"), part(b"two", "text/plain", "b"))
    assert (handled.kinds, handled.parts, handled.errors, code) == (("text/plain", "text/x-thing"), 2, (), 0)
    assert said.splitlines() == [
        "got __begin__ None None once-per-instance None",
        "got text/x-thing a.txt 'one' once-per-instance hello",
        "got text/plain b 'two' once-per-instance hello",
        "got __end__ None None once-per-instance None",
    ]


def test_an_error_on_one_part_does_not_keep_the_others_from_it():
    handled, said, code = run(SOURCE, part(b"fail"), part(b"two"))
    assert (handled.parts, handled.errors, code) == (2, ("KeyError at line 10",), 0)
    assert "'two'" in said


@pytest.mark.parametrize(("frequency", "first", "runs"), [
    ("always", True, True), ("always", False, True), ("once-per-instance", True, True),
    ("once-per-instance", False, False),
])  # fmt: skip
def test_a_handler_runs_as_often_as_it_says(frequency, first, runs):
    source = SOURCE.replace(b"PER_ALWAYS\nh", b"%r\nh" % frequency)
    assert bool(run(source, part(b"one"), first=first)[1]) == runs


@pytest.mark.parametrize(("version", "words"), [("", 4), ("handler_version = 1", 4), ("handler_version = 2", 5)])
def test_a_handler_is_given_the_words_of_its_version(version, words):
    source = f"{version}\ndef list_types(): return ['a/b']\ndef handle_part(*words): print(len(words), words[-1])\n"
    handled, said, _ = run(source.encode(), part(b"\xff", "a/b"))
    assert said.splitlines()[1] == f"{words} " + ("b'\\xff'" if words == 4 else "once-per-instance")


def test_a_handler_whose_beginning_fails_is_given_nothing():
    source = b"def list_types(): return ['a/b']\ndef handle_part(*words): raise ValueError\n"
    handled, _, code = run(source, part(b"x", "a/b"))
    assert (handled.kinds, handled.parts, handled.errors, code) == (("a/b",), 0, ("ValueError at line 2",), 0)


def test_a_handler_that_cannot_be_used_says_so_with_its_status():
    handled, said, code = run(b"import nothing_like_it\n", part(b"x"))
    assert (handled.errors, code) == (("ModuleNotFoundError at line 1",), 1)
    assert "Traceback" in said


@pytest.mark.parametrize("output", [b"", b"[]", b"{}", b"\xff"])
def test_no_answer_is_an_error(output):
    with pytest.raises(CommandFailed, match="ended without an answer"):
        answer(output)
