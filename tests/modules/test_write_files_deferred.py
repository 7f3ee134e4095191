from modules import write_files_deferred
from tests import kit

MACHINE = {}


def test_only_deferred_files_are_written(tmp_path):
    machine = kit.Machine(tmp_path)
    config = "write_files: [{path: /now}, {path: /later, content: x, defer: true, permissions: '0640'}]"
    kit.apply(write_files_deferred.MODULE, config, machine)
    assert (machine.text("/later"), machine.mode("/later")) == ("x", 0o640)
    assert not machine.look("/now")


def test_it_comes_after_packages():
    assert write_files_deferred.MODULE.after == ("package_update_upgrade_install",)
