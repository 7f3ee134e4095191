import json

from hypothesis import given
from hypothesis import strategies as st

from cloudboot.values import FileView, Host, Instance, instance_from_json

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


def stored(instance):
    return instance_from_json(json.loads(json.dumps(instance.to_json())))


TREES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                     lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))  # fmt: skip


@given(st.binary(), st.lists(st.binary()), st.dictionaries(st.text(), TREES))
def test_an_instance_is_the_same_after_it_was_stored(user, vendor, metadata):
    instance = Instance("i-1", ssh_keys=("k",), user_data=user, vendor_data=tuple(vendor), metadata=metadata)
    assert stored(instance) == instance


def test_what_json_cannot_hold_is_stored_as_the_text_that_stands_for_it():
    instance = stored(Instance("i-1", metadata={"b": b"x", 1: {None: [b"y"]}, "base64": "not base64!"}))
    assert instance.metadata == {"b": "eA==", "1": {"null": ["eQ=="]}, "base64": "not base64!"}


def test_fields_of_a_newer_version_are_ignored_and_missing_ones_have_their_defaults():
    assert instance_from_json({"id": "i-1", "shoe_size": 43}) == Instance("i-1")
