import json

import pytest

from cloudboot.errors import Invalid
from cloudboot.userdata.document import load
from cloudboot.userdata.patch import patched


def patch(config, *operations):
    return patched(config, b"#cloud-config-jsonp\n" + json.dumps(operations).encode(), "p")


def test_a_patch_changes_a_copy():
    config = {"a": {"b": [1]}}
    changed = patch(config, {"op": "add", "path": "/a/b/-", "value": 2}, {"op": "move", "from": "/a", "path": "/c"})
    assert (changed, config) == ({"c": {"b": [1, 2]}}, {"a": {"b": [1]}})


def test_what_an_alias_made_one_changes_alone():
    config = load("a: &x [1]\nb: *x\n")
    assert patch(config, {"op": "add", "path": "/a/0", "value": 0}) == {"a": [0, 1], "b": [1]}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "remove", "path": "/nothing"}, "p: [1]: it does not fit what is merged so far"),
        ({"op": "test", "path": "/a", "value": "s3cret"}, "p: [1]: its test does not hold"),
        ({"op": "explode", "path": "/a"}, "p: [1]: it does not fit"),
        ({"op": "add"}, "p: [1]: it does not fit"),
        ({"op": "add", "path": "/a/b", "value": 1}, "p: [1]: it"),
        (7, "p: [1]: it is no operation of JSON Patch"),
        ({"op": "replace", "path": "", "value": [1]}, "p: it leaves no mapping"),
        ({"op": "add", "path": "/a" * 65, "value": 1}, "p: [1]: its path is too deep"),
    ],
)
def test_an_operation_that_cannot_be_done_is_named_and_none_is_done(operation, said):
    config = {"a": "hunter2"}
    with pytest.raises(Invalid) as caught:
        patch(config, {"op": "add", "path": "/b", "value": 1}, operation)
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert config == {"a": "hunter2"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#cloud-config-jsonp\n\n[{1}]", "p:3:3: not JSON"),
        (b"\n#Cloud-Config-Jsonp [\n{]", "p:3:2: not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "a patch is a JSON list of operations"),
        (b'[{"op": "replace", "path": "", "value": []}]', "it leaves no mapping"),
        (b"[" + b"1," * 10_000 + b"1]", "more than 10000 operations"),
        (b"\xff", "not text in UTF-8"),
    ],
)
def test_what_is_no_patch_is_refused_with_its_place(content, said):
    with pytest.raises(Invalid) as caught:
        patched({}, content, "p")
    assert said in str(caught.value)


def test_copies_of_copies_end_in_a_clear_error():
    with pytest.raises(Invalid, match="too big"):
        patch({"a": [1]}, *[{"op": "copy", "from": "/a", "path": "/a/-"}] * 64)
