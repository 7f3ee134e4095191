import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Instance
from modules import injected_files
from tests import kit

MACHINE = {}
MODULE = injected_files.MODULE
FILES = [{"path": "/etc/banner", "content": "d2VsY29tZQo="}, {"path": "srv/data", "content": "/wA="}]


def machine_of(tmp_path, files, config=()):
    machine = kit.Machine(tmp_path)
    instance = Instance("i-1", metadata={"injected-files": files} if files else {})
    kit.apply(MODULE, dict(config), machine, instance=instance)
    return machine


def test_each_file_is_written_as_it_came_for_root_and_its_group(tmp_path):
    machine = machine_of(tmp_path, FILES)
    assert (machine.read("/etc/banner"), machine.read("/srv/data")) == (b"welcome\n", b"\xff\x00")
    assert machine.mode("/etc/banner") & 0o7777 == 0o660
    assert machine.owners["/etc/banner"] == "root:root"


@pytest.mark.parametrize(("files", "config"), [([], {}), (FILES, {"injected_files": False})])
def test_nothing_is_written_where_nothing_came_or_the_owner_wants_none(tmp_path, files, config):
    machine = machine_of(tmp_path, files, config)
    assert machine.actions == []


def test_a_path_does_not_lead_out_of_the_machine(tmp_path):
    machine = machine_of(tmp_path / "root", [{"path": "../../escaped", "content": ""}])
    assert machine.read("/escaped") == b""
    assert not (tmp_path / "escaped").exists()


def test_a_file_that_cannot_be_written_keeps_none_of_the_others_back(tmp_path):
    with pytest.raises(CloudbootError, match="1 of 2 files not written: /etc/passwd/x"):
        machine_of(tmp_path, [{"path": "/etc/passwd/x", "content": ""}, *FILES[:1]])
    assert (tmp_path / "etc/banner").read_bytes() == b"welcome\n"
