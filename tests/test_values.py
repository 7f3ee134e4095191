from cloudboot.values import FileView, Host

FILES = FileView({"/etc/name": b" one \ntwo\n", "/dev/disk/by-label/cidata": "../../sr0", "/dev/sr0": b"disc"})


def test_files_in_memory_are_read_and_what_is_not_there_is_none():
    assert FILES.read("/etc/name") == b" one \ntwo\n"
    assert FILES.read("/etc") is None and FILES.read("/nothing") is None


def test_folders_of_files_in_memory_are_those_above_them():
    assert FILES.names("/") == ("dev", "etc")
    assert FILES.names("/dev/disk/") == ("by-label",)
    assert FILES.has("/dev/disk") and not FILES.has("/dev/dis")


def test_links_in_memory_are_followed_and_a_loop_of_them_ends():
    assert FILES.link("/dev/disk/by-label/cidata") == "../../sr0"
    assert FILES.read("/dev/disk/by-label/cidata") == b"disc"
    assert FileView({"/a": "b", "/b": "/a"}).read("/a") is None


def test_a_line_comes_without_the_blanks_and_nuls_around_it():
    assert FILES.line("/etc/name") == "one"
    assert FileView({"/x": b"\0 kvm\0\n"}).line("/x") == "kvm"
    assert FILES.line("/nothing") == ""


def test_a_host_without_a_machine_has_no_files():
    assert Host().files.names("/") == ()
