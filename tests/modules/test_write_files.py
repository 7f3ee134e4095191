import gzip
from base64 import b64encode

import pytest

from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.system.actions import Fetch, WriteFile
from modules import write_files
from tests import kit

MACHINE = {}
MODULE = write_files.MODULE


def applied(tmp_path, *entries, answers=None):
    machine = kit.Machine(tmp_path, answers=answers)
    return machine, lambda: kit.apply(MODULE, {"write_files": list(entries)}, machine)


def written(tmp_path, *entries, answers=None):
    machine, go = applied(tmp_path, *entries, answers=answers)
    machine.system = go()
    return machine


def test_an_entry_without_a_path_is_left_out_and_called_wrong(tmp_path):
    machine = written(tmp_path, {"content": "x"}, {"path": "/b", "content": "y"})
    assert machine.text("/b") == "y"
    assert [(p.path, p.level) for p in MODULE.check({"write_files": [{"content": "x"}, {"path": "/b"}]})] == [
        (("write_files", 0), "wrong")]  # fmt: skip


def test_a_file_has_its_content_mode_and_owner_and_its_folders_are_made(tmp_path):
    machine = written(tmp_path, {"path": "/a/b/c", "content": "x\n", "permissions": "0600", "owner": "www:www"})
    assert (machine.text("/a/b/c"), machine.mode("/a/b/c")) == ("x\n", 0o600)
    assert machine.owners == {"/a/b/c": "www:www"}
    assert machine.mode("/a/b") == 0o755


def test_left_out_things_have_their_defaults(tmp_path):
    machine = written(tmp_path, {"path": "/empty"})
    assert (machine.text("/empty"), machine.mode("/empty"), machine.owners["/empty"]) == ("", 0o644, "root:root")


PLAIN = b"caf\xc3\xa9\n"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        (None, PLAIN.decode()),
        ("text/plain", PLAIN),
        ("b64", b64encode(PLAIN).decode()),
        ("BASE64", " \n" + b64encode(PLAIN).decode() + "\n"),
        ("gzip", gzip.compress(PLAIN, mtime=0)),
        ("gz+b64", b64encode(gzip.compress(PLAIN, mtime=0)).decode()),
        ("gzip+base64", b64encode(gzip.compress(PLAIN[:2], mtime=0) + gzip.compress(PLAIN[2:], mtime=0)).decode()),
    ],
)
def test_every_encoding_is_undone(tmp_path, encoding, content):
    machine = written(tmp_path, {"path": "/f", "content": content, **({"encoding": encoding} if encoding else {})})
    assert machine.read("/f") == PLAIN


@pytest.mark.parametrize(
    ("given", "mode", "wrong"),
    [
        ("0755", 0o755, 0),
        ("0o4755", 0o4755, 0),
        ("644", 0o644, 0),
        (0o600, 0o600, 1),
        ("rw-", 0o644, 1),
        (None, 0o644, 1),
    ],
)
def test_permissions_are_octal_text_and_a_number_is_taken_as_it_is(given, mode, wrong):
    options, problems = MODULE.read({"write_files": [{"path": "/f", "permissions": given}]})
    assert options.write_files[0].permissions == mode
    assert [p.level for p in problems] == ["wrong"] * wrong


def test_an_unknown_encoding_counts_as_plain():
    options, problems = MODULE.read({"write_files": [{"path": "/f", "encoding": "g"}]})
    assert options.write_files[0].encoding == "text/plain"
    assert [p.path for p in problems] == [("write_files", 0, "encoding")]


def test_a_relative_path_is_below_the_root(tmp_path):
    assert written(tmp_path, {"path": "etc/../opt/x", "content": "y"}).text("/opt/x") == "y"


def test_appending_keeps_what_is_there(tmp_path):
    machine = kit.Machine(tmp_path, files={"/f": "a\n"})
    kit.apply(MODULE, {"write_files": [{"path": "/f", "content": "b\n", "append": True}]}, machine)
    assert machine.text("/f") == "a\nb\n"


def test_deferred_files_wait(tmp_path):
    machine = written(tmp_path, {"path": "/now", "content": "x"}, {"path": "/later", "defer": True})
    assert machine.text("/now") == "x"
    assert not machine.look("/later")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"content": "a", "encoding": "b64"}, "no base64"),
        ({"content": "plain", "encoding": "gzip"}, "no gzip"),
        ({"content": gzip.compress(b"x" * 1000)[:-9], "encoding": "gz"}, "ends too early"),
    ],
)
def test_an_entry_that_cannot_be_written_is_named_and_stops_no_other(tmp_path, bad, said):
    machine, go = applied(tmp_path, {"path": "/bad", **bad}, {"path": "/good", "content": "x"})
    with pytest.raises(CloudbootError, match=f"1 of 2 files not written: /bad: .*{said}"):
        go()
    assert machine.text("/good") == "x"
    assert not machine.look("/bad")


def test_an_owner_whom_nobody_knows_fails_only_his_own_file(tmp_path):
    class Strict(kit.Machine):
        def _perform(self, action):
            if action.owner == "nosuch":
                raise CloudbootError("there is no user nosuch")
            return super()._perform(action)

    machine = Strict(tmp_path)
    config = {"write_files": [{"path": "/a", "owner": "nosuch"}, {"path": "/b", "content": "x"}]}
    with pytest.raises(CloudbootError, match="1 of 2 files not written: /a: there is no user nosuch"):
        kit.apply(MODULE, config, machine)
    assert machine.text("/b") == "x"
    assert not machine.look("/a")


URL = "https://user:word@example.com/f?token=1"
FROM = {"path": "/f", "source": {"uri": URL, "headers": {"X-Auth": "y"}}}


def test_a_source_is_fetched_with_its_headers(tmp_path):
    machine = written(tmp_path, {**FROM, "content": "instead", "encoding": "b64"}, answers={URL: b"fetched"})
    assert machine.text("/f") == "fetched"
    assert machine.actions[0] == Fetch(URL, {"X-Auth": "y"})


def test_a_plan_names_the_source_whose_content_it_cannot_know(tmp_path):
    steps = kit.plan(MODULE, {"write_files": [FROM]}, kit.Machine(tmp_path))
    write = next(s.action for s in steps if isinstance(s.action, WriteFile))
    assert write.origin == "https://example.com/f?..."


def test_content_stands_in_for_a_source_that_does_not_answer(tmp_path):
    answers = {URL: Unreachable("example.com does not answer")}
    machine = written(tmp_path, {**FROM, "content": "aW5zdGVhZA==", "encoding": "b64"}, answers=answers)
    assert machine.text("/f") == "instead"
    assert machine.system.notes == ["/f: example.com does not answer; its content is used instead"]


def test_without_content_such_a_file_is_left_out(tmp_path):
    machine = written(tmp_path, FROM, answers={URL: Unreachable("example.com does not answer")})
    assert not machine.look("/f")
    assert machine.system.notes == ["/f: example.com does not answer; the file is not written"]


def test_a_file_for_its_owner_alone_is_a_secret(tmp_path):
    machine = written(tmp_path, {"path": "/s", "permissions": "0600"}, {"path": "/p", "permissions": "0640"})
    assert {a.path: a.secret for a in machine.actions} == {"/s": True, "/p": False}


@pytest.mark.parametrize(
    ("entry", "path"),
    [({"path": "/a", "source": {}}, ("write_files", 0, "source")), (7, ("write_files", 0))],
)
def test_an_entry_that_cannot_be_understood_is_dropped_by_its_path(entry, path):
    options, problems = MODULE.read({"write_files": [entry, {"path": "/b"}]})
    assert [f.path for f in options.write_files] == ["/b"]
    assert [(p.path, p.level) for p in problems] == [(path, "dropped")]
