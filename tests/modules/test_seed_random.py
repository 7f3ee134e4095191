import gzip

import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Instance
from modules import seed_random
from tests import kit

MACHINE = {}
MODULE = seed_random.MODULE


def applied(tmp_path, config, seed=b"", **about):
    machine = kit.Machine(tmp_path, files={"/root/seed": "a"}, **about)
    kit.apply(
        MODULE, {"random_seed": {"file": "/root/seed", **config}}, machine, instance=Instance("i-1", random_seed=seed)
    )
    return machine


@pytest.mark.parametrize(
    ("data", "encoding"), [("bc", "raw"), ("YmM=", "b64"), ("YmM=", "base64"), (gzip.compress(b"bc", mtime=0), "gzip")]
)
def test_the_owners_data_and_the_clouds_are_added(tmp_path, data, encoding):
    machine = applied(tmp_path, {"data": data, "encoding": encoding}, b"\xff\x00")
    assert machine.read("/root/seed") == b"abc\xff\x00"
    assert machine.actions[0].secret


def test_nothing_to_add_is_nothing_to_do(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(MODULE, {}, machine)
    assert machine.actions == []


def test_a_command_finds_the_file_in_its_environment(tmp_path):
    machine = applied(tmp_path, {"command": ["pollinate", "-q"]}, tools=("pollinate",))
    assert machine.commands == ["pollinate -q"]
    assert machine.actions[0].env["RANDOM_SEED_FILE"] == "/root/seed"


def test_a_command_that_is_not_there_is_passed_over_unless_required(tmp_path):
    config = {"command": ["pollinate"]}
    assert applied(tmp_path / "1", config).commands == []
    missing = {"pollinate": 127}
    with pytest.raises(CloudbootError, match="pollinate is not installed"):
        applied(tmp_path / "2", {**config, "command_required": True}, answers=missing)
    with pytest.raises(CloudbootError, match="there is no command"):
        applied(tmp_path / "3", {"command_required": True})
