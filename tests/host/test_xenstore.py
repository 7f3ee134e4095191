import os
import subprocess

import pytest

from cloudboot.errors import Unreachable
from cloudboot.host import look
from cloudboot.host import xenstore as module
from tests import needs
from tools.mock_cloud.xenstore import XenStore

KEYS = {"name": "instance-1", "vm-data/text": "two\nlines \u00fc", "vm-data/empty": "", "vm-data/a/b": "c"}


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "run/xenstored/socket"
    path.parent.mkdir(parents=True)
    with XenStore(str(path), KEYS) as store:
        store.root = str(tmp_path)
        yield store


def test_keys_are_read_as_they_are(store):
    keys = look(store.root).xenstore
    assert keys.read("name") == b"instance-1"
    assert keys.read("vm-data/text").decode() == "two\nlines \u00fc"
    assert (keys.read("vm-data/empty"), keys.read("vm-data/none")) == (b"", None)


def test_what_is_below_a_key_is_listed(store):
    keys = look(store.root).xenstore
    assert keys.names("vm-data") == keys.names("vm-data/") == ("a", "empty", "text")
    assert keys.names("vm-data/none") == keys.names("name") == ()


def test_a_machine_without_a_store_has_no_keys(tmp_path):
    assert look(str(tmp_path)).xenstore.read("name") is None


@pytest.mark.parametrize("fault", ["silence", "garbage", "hang-up", "endless", "EIO"])
def test_a_store_that_misbehaves_is_a_named_failure_in_time(store, fault, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.05)
    keys = look(store.root).xenstore
    store.faults = [fault]
    with pytest.raises(Unreachable, match="xenstore"):
        keys.read("name")
    assert keys.read("name") == b"instance-1"


def test_a_key_that_is_not_for_us_is_none(store):
    store.faults = ["EACCES"]
    assert look(store.root).xenstore.read("name") is None


def test_the_real_tools_agree_with_the_store_that_these_tests_use(store):
    def tool(name, *words):
        program = needs.program(name)
        return subprocess.run([program, *words], env={**os.environ, "XENSTORED_PATH": store.path},
                              check=True, capture_output=True, text=True, timeout=10).stdout  # fmt: skip

    tool("xenstore-write", "vm-data/new", "told")
    assert look(store.root).xenstore.read("vm-data/new") == b"told"
    assert tool("xenstore-read", "name") == "instance-1\n"
    assert 'b = "c"' in tool("xenstore-ls", "vm-data")
