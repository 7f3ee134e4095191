import os
import stat

import pytest

from cloudboot.errors import CloudbootError, UnsafePath
from cloudboot.system.actions import Append, Link, MakeDir, Remove, SetAccess, WriteFile
from cloudboot.system.live import Live
from tests import needs
from tests.kit import Stop, taking_at_most

NOBODY = 65534


@pytest.fixture
def live(tmp_path):
    (tmp_path / "root").mkdir()
    return Live(str(tmp_path / "root"))


def at(live, path):
    return live.root + path


def test_a_file_gets_its_mode_and_content_and_the_second_time_nothing(live):
    action = WriteFile("/etc/deep/er/motd", b"hello\n", 0o640)
    assert live.perform(action).changed
    assert live.read("/etc/deep/er/motd") == b"hello\n"
    assert stat.S_IMODE(os.stat(at(live, "/etc/deep/er/motd")).st_mode) == 0o640
    assert not live.perform(action).changed
    assert live.perform(action.but(mode=0o600)).changed


def test_a_file_never_has_a_wider_mode_than_its_last(live, monkeypatch):
    seen = []
    real = os.open

    def watched(path, flags, mode=0o777, **more):
        if flags & os.O_CREAT:
            seen.append(mode)
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", watched)
    live.perform(WriteFile("/secret", b"x", 0o600))
    live.perform(WriteFile("/open", b"x", 0o644))
    assert seen == [0o600, 0o600]


def test_nothing_is_left_beside_a_file_that_could_not_be_written(live, monkeypatch):
    live.perform(WriteFile("/etc/motd", b"old"))
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(CloudbootError) as caught:
        live.perform(WriteFile("/etc/motd", b"new"))
    assert str(caught.value) == "cannot change /etc/motd: No space left on device; make room on the disk"
    assert live.names("/etc") == ("motd",)
    assert live.read("/etc/motd") == b"old"


def test_a_link_is_resolved_as_if_the_root_were_the_machine(live):
    live.perform(Link("/etc/link", "/real/file"))
    live.perform(MakeDir("/real"))
    live.perform(WriteFile("/etc/link", b"through"))
    assert live.read("/real/file") == b"through"
    assert live.look("/etc/link").kind == "link"


@pytest.mark.parametrize("target", ["../../../../../../outside", "/../../outside"])
def test_no_link_leads_out_of_the_root(live, target, tmp_path):
    live.perform(Link("/etc/link", target))
    live.perform(WriteFile("/etc/link", b"inside"))
    assert live.read("/outside") == b"inside"
    assert not (tmp_path / "outside").exists()


def test_a_link_that_goes_while_it_is_looked_at_is_not_there(live, monkeypatch):
    live.perform(Link("/eth0", "devices/eth0"))

    def gone(*words, **more):
        raise FileNotFoundError

    monkeypatch.setattr(os, "readlink", gone)
    assert live.look("/eth0") is None


def test_links_that_go_round_are_refused(live):
    live.perform(Link("/a", "b"))
    live.perform(Link("/b", "a"))
    with pytest.raises(UnsafePath):
        live.perform(WriteFile("/a", b""))


@pytest.mark.parametrize("target", ["/etc", "/etc/shadow"])
def test_a_link_in_a_folder_of_another_user_is_never_followed(live, target):
    needs.root()
    live.perform(MakeDir("/home/eve"))
    live.perform(WriteFile("/etc/shadow", b"root"))
    os.chown(at(live, "/home/eve"), NOBODY, NOBODY)
    os.symlink(target, at(live, "/home/eve/.ssh"))
    path = "/home/eve/.ssh/authorized_keys" if target == "/etc" else "/home/eve/.ssh"
    with pytest.raises(UnsafePath):
        live.perform(WriteFile(path, b"key"))
    assert live.names("/etc") == ("shadow",)
    assert live.read("/etc/shadow") == b"root"


def test_what_another_users_link_leads_to_is_not_read_on_the_machine_itself_either(tmp_path):
    """However late the link comes: it counts what was opened, not what was looked at before."""
    needs.root()
    machine = Live("/")
    (tmp_path / "shadow").write_text("root")
    (tmp_path / "home").mkdir()
    (tmp_path / "mine").symlink_to(tmp_path / "shadow")
    (tmp_path / "home/keys").symlink_to(tmp_path / "shadow")
    os.chown(tmp_path / "home", NOBODY, NOBODY)
    assert machine.read(f"{tmp_path}/mine") == b"root"
    with pytest.raises(UnsafePath):
        machine.read(f"{tmp_path}/home/keys")
    with pytest.raises(UnsafePath):
        machine.perform(Append(f"{tmp_path}/home/keys", b"more"))


def test_a_link_that_another_user_left_in_a_shared_folder_is_never_followed(live):
    needs.root()
    live.perform(MakeDir("/tmp", 0o1777, exact=True))
    os.symlink("/etc/passwd", at(live, "/tmp/x"))
    os.chown(at(live, "/tmp/x"), NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(UnsafePath):
        live.perform(WriteFile("/tmp/x", b""))


def test_an_owner_is_named_by_the_files_of_the_root(live):
    needs.root()
    live.perform(WriteFile("/etc/passwd", b"web:x:777:778::/:/bin/sh\n"))
    live.perform(WriteFile("/etc/group", b"www:x:779:\n"))
    live.perform(WriteFile("/a", b"", owner="web"))
    live.perform(WriteFile("/b", b"", owner="web:www"))
    assert (live.look("/a").uid, live.look("/a").gid) == (777, 778)
    assert (live.look("/b").uid, live.look("/b").gid) == (777, 779)


def test_an_owner_whom_an_image_does_not_know_yet_is_left_for_its_first_boot(live):
    assert live.perform(WriteFile("/a", b"x", owner="nobody-yet:staff")).left
    assert live.read("/a") == b"x"


def test_appending_keeps_mode_and_owner_and_makes_a_missing_file(live):
    needs.root()
    live.perform(Append("/log", b"one\n", 0o600))
    os.chown(at(live, "/log"), NOBODY, NOBODY)
    live.perform(Append("/log", b"two\n", 0o644))
    assert live.read("/log") == b"one\ntwo\n"
    assert (live.look("/log").mode, live.look("/log").uid) == (0o600, NOBODY)


def test_removing_takes_a_tree_but_never_what_a_link_in_it_means(live):
    live.perform(WriteFile("/keep/file", b"x"))
    live.perform(WriteFile("/gone/a/b", b"x"))
    live.perform(Link("/gone/link", "/keep"))
    assert live.perform(Remove("/gone", tree=True)).changed
    assert not live.perform(Remove("/gone", tree=True)).changed
    assert not live.perform(Remove("/never/was")).changed
    assert live.names("/") == ("keep",)
    assert live.read("/keep/file") == b"x"


def test_a_folder_in_the_place_of_a_file_is_named(live):
    live.perform(MakeDir("/etc/motd"))
    with pytest.raises(CloudbootError) as caught:
        live.perform(WriteFile("/etc/motd", b""))
    assert "is a folder" in str(caught.value)


def test_giving_away_a_tree_does_not_follow_links(live):
    needs.root()
    live.perform(WriteFile("/etc/passwd", b""))
    live.perform(WriteFile("/srv/a", b""))
    live.perform(Link("/srv/link", "/etc/passwd"))
    assert live.perform(SetAccess("/srv", f"{NOBODY}:{NOBODY}", tree=True)).changed
    assert live.look("/srv/a").uid == NOBODY
    assert live.look("/etc/passwd").uid == os.geteuid()
    assert not live.perform(SetAccess("/srv", f"{NOBODY}:{NOBODY}", tree=True)).changed


def test_a_mount_point_is_written_in_place(live, monkeypatch):
    live.perform(WriteFile("/etc/hosts", b"old"))
    inode = os.stat(at(live, "/etc/hosts")).st_ino
    real = os.replace

    def busy(src, dst, **more):
        if dst == "hosts":
            raise OSError(16, "Device or resource busy")
        real(src, dst, **more)

    monkeypatch.setattr(os, "replace", busy)
    assert live.perform(WriteFile("/etc/hosts", b"new")).changed
    assert (live.read("/etc/hosts"), os.stat(at(live, "/etc/hosts")).st_ino) == (b"new", inode)
    assert live.names("/etc") == ("hosts",)


def test_a_file_of_the_running_kernel_is_read():
    assert Live("/").files.read("/proc/sys/kernel/ostype") == b"Linux\n"


def test_a_disk_that_takes_half_a_file_leaves_the_old_one(live):
    live.perform(WriteFile("/etc/motd", b"old"))
    with taking_at_most(100), pytest.raises(CloudbootError, match="cannot change /etc/motd"):
        live.perform(WriteFile("/etc/motd", b"x" * 150))
    assert live.read("/etc/motd") == b"old"
    assert live.names("/etc") == ("motd",)


def test_what_a_power_cut_left_of_a_file_goes_when_it_is_written_again(live, monkeypatch):
    def power_cut(*_, **__):
        raise Stop

    with monkeypatch.context() as cut:
        cut.setattr(os, "replace", power_cut)
        cut.setattr(os, "unlink", power_cut)
        for action in (WriteFile("/etc/motd", b"x"), Link("/etc/link", "/target")):
            with pytest.raises(Stop):
                live.perform(action)
    assert len(live.names("/etc")) == 2
    live.perform(WriteFile("/etc/motd", b"x"))
    live.perform(Link("/etc/link", "/target"))
    assert sorted(live.names("/etc")) == ["link", "motd"]
