"""Files that wait for their names, names that wait for the disk."""

import os

import pytest

from cloudboot.errors import CloudbootError
from cloudboot.system import disk
from cloudboot.system.actions import Append, Link, MakeDir, Remove, SetAccess, WriteFile
from cloudboot.system.live import Live


@pytest.fixture
def live(tmp_path):
    (tmp_path / "root").mkdir()
    return Live(str(tmp_path / "root"))


@pytest.fixture
def syncs(monkeypatch):
    """What is synced, in its order: paths, and what is renamed over."""
    told = []
    monkeypatch.setattr(os, "fsync", lambda fd: told.append(os.readlink(f"/proc/self/fd/{fd}")))
    monkeypatch.setattr(disk, "sync_file_system", lambda fd: told.append("all") or True)
    rename = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b, **at: told.append(f"name {b}") or rename(a, b, **at))
    return told


def at(live, path):
    return os.path.exists(live.root + path)


def test_the_files_of_one_step_cost_one_sync(live, syncs):
    live.tree.disk.together(lambda: [live.perform(WriteFile(f"/srv/{n}/x", b"x")) for n in range(100)])
    assert syncs.count("all") == 1
    assert [n for n in range(100) if not at(live, f"/srv/{n}/x")] == []
    live.tree.disk.sync()
    assert syncs[-1] == "all"
    assert len(syncs) == 102


def test_a_thousand_cost_a_few_and_hold_no_more_descriptors_open_than_a_process_may(live, syncs):
    before, most = len(os.listdir("/proc/self/fd")), []

    def work():
        for n in range(1000):
            live.perform(WriteFile(f"/srv/{n}/x", b"x"))
            most.append(len(os.listdir("/proc/self/fd")) - before)

    live.tree.disk.together(work)
    live.tree.disk.sync()
    assert syncs.count("all") < 20
    assert max(most) < 500
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_one_file_alone_is_synced_alone(live, syncs):
    live.tree.disk.together(lambda: live.perform(WriteFile("/x", b"x")))
    assert syncs == [f"{live.root}/.x.cloudboot-new", "name x"]


def test_without_the_call_each_file_is_synced_before_it_takes_its_name(live, syncs, monkeypatch):
    monkeypatch.setattr(disk, "sync_file_system", lambda fd: False)
    live.tree.disk.together(lambda: [live.perform(WriteFile(path, b"x")) for path in ("/x", "/y")])
    assert syncs == [f"{live.root}/.x.cloudboot-new", f"{live.root}/.y.cloudboot-new", "name x", "name y"]


@pytest.mark.parametrize(
    "look",
    [
        lambda live: live.read("/x") == b"new",
        lambda live: live.read("/link") == b"new",
        lambda live: live.look("/x").size == 3,
        lambda live: "x" in live.names("/"),
        lambda live: live.perform(WriteFile("/x", b"newer")).changed and live.tree.disk.settle() is None,
        lambda live: live.perform(Remove("/x")).changed and not at(live, "/x"),
        lambda live: live.perform(SetAccess("/x", mode=0o600)).changed,
        lambda live: live.perform(Link("/x", "y")).changed and os.readlink(live.root + "/x") == "y",
    ],
)
def test_who_looks_sees_what_was_written(live, look):
    os.symlink("x", live.root + "/link")

    def work():
        live.perform(WriteFile("/x", b"new"))
        assert not at(live, "/x")
        assert look(live)

    live.tree.disk.together(work)
    assert [name for name in os.listdir(live.root) if name.endswith("-new")] == []


def test_a_file_that_waits_where_a_folder_is_to_be_is_no_folder(live):
    def work():
        live.perform(WriteFile("/x", b"new"))
        with pytest.raises(CloudbootError, match="is no folder"):
            live.perform(MakeDir("/x"))

    live.tree.disk.together(work)


def test_who_looks_elsewhere_has_nobody_hurry(live, syncs):
    def work():
        live.perform(WriteFile("/a/x", b"x"))
        live.read("/a/y"), live.look("/b"), live.names("/")
        live.perform(MakeDir("/c"))
        assert syncs == []

    live.tree.disk.together(work)


def test_a_command_finds_the_files_before_it_and_they_are_on_the_disk(live, syncs):
    live.tree.disk.together(lambda: (live.perform(WriteFile("/a/x", b"x")), live.tree.disk.barrier()))
    assert syncs == [f"{live.root}/a/.x.cloudboot-new", "name x", live.root, f"{live.root}/a"]
    assert live.tree.disk.is_clean


def test_what_an_owners_command_wrote_is_not_waited_for(live, syncs):
    live.tree.disk.barrier(owners=True)
    live.tree.disk.together(lambda: [live.perform(WriteFile(path, b"x")) for path in ("/x", "/y")])
    live.tree.disk.sync()
    assert "all" not in syncs


def test_one_that_cannot_take_its_name_keeps_no_other_from_it(live):
    def work():
        for name in ("a", "b", "c"):
            live.perform(WriteFile(f"/{name}", b"x"))
        os.mkdir(live.root + "/b")

    with pytest.raises(CloudbootError, match="cannot change /b: Is a directory"):
        live.tree.disk.together(work)
    assert sorted(os.listdir(live.root)) == ["a", "b", "c"]


def test_a_file_that_got_no_name_is_told_to_its_step_and_stops_no_other_change(live):
    live.perform(WriteFile("/log", b"1"))

    def work():
        live.perform(WriteFile("/a", b"x"))
        os.mkdir(live.root + "/a")
        live.perform(WriteFile("/b", b"x"))
        live.perform(Append("/log", b"2"))

    with pytest.raises(CloudbootError, match="cannot change /a"):
        live.tree.disk.together(work)
    assert (live.read("/b"), live.read("/log")) == (b"x", b"12")


def test_a_step_that_looks_away_from_a_file_that_got_no_name_has_failed_all_the_same(live):
    def work():
        live.perform(WriteFile("/a", b"x"))
        os.mkdir(live.root + "/a")
        with pytest.raises(CloudbootError):
            live.tree.disk.barrier()

    with pytest.raises(CloudbootError, match="cannot change /a"):
        live.tree.disk.together(work)
    live.tree.disk.together(lambda: live.perform(WriteFile("/b", b"x")))
    live.tree.disk.barrier()


@pytest.mark.parametrize("number, told", [(22, False), (5, True)])
def test_a_folder_that_cannot_be_synced_is_told_once_and_one_that_need_not_be_never(live, monkeypatch, number, told):
    def refuse(fd):
        if os.readlink(f"/proc/self/fd/{fd}").endswith("/strange"):
            raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(disk, "sync_file_system", lambda fd: False)
    live.tree.disk.together(lambda: live.perform(WriteFile("/strange/a", b"x")))
    if told:
        with pytest.raises(CloudbootError):
            live.tree.disk.barrier()
    live.tree.disk.barrier()
    live.tree.disk.together(lambda: live.perform(WriteFile("/b", b"x")))
    live.tree.disk.sync()
    assert live.read("/b") == b"x"


def test_files_of_one_step_with_long_names_that_begin_alike_are_not_taken_for_each_other(live):
    names = [f"/{'x' * 200}{n}" for n in (1, 2)]
    live.tree.disk.together(lambda: [live.perform(WriteFile(name, name.encode())) for name in names])
    assert [live.read(name) for name in names] == [name.encode() for name in names]


def test_a_disk_that_takes_no_bytes_leaves_the_old_files(live, monkeypatch):
    live.perform(WriteFile("/a", b"old"))

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(disk, "sync_file_system", lambda fd: False)
    with pytest.raises(CloudbootError, match="cannot write /a: No space left on device; make room on the disk"):
        live.tree.disk.together(lambda: [live.perform(WriteFile(path, b"new")) for path in ("/a", "/b")])
    assert os.listdir(live.root) == ["a"]
    assert live.read("/a") == b"old"


def test_a_change_on_another_file_system_waits_for_those_before_it(tmp_path, syncs):
    if os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system here")
    other = f"/dev/shm/{os.path.basename(tmp_path)}-{os.getpid()}"
    live = Live("/")
    try:
        os.mkdir(other)
        work = (
            WriteFile(f"{tmp_path}/note", b"x"),
            WriteFile(f"{other}/deed", b"x"),
            WriteFile(f"{tmp_path}/end", b"x"),
        )
        live.tree.disk.together(lambda: [live.perform(each) for each in work])
        assert syncs == [f"{tmp_path}/.note.cloudboot-new", "name note", str(tmp_path), f"{other}/.deed.cloudboot-new",
                         "name deed", other, f"{tmp_path}/.end.cloudboot-new", "name end"]  # fmt: skip
    finally:
        live.perform(Remove(other, tree=True))


def test_the_call_is_there(tmp_path):
    fd = os.open(tmp_path, os.O_RDONLY)
    assert disk.sync_file_system(fd)
    os.close(fd)
    assert not disk.sync_file_system(fd)
