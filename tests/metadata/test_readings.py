import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot import metadata
from cloudboot.errors import Unreachable


@pytest.mark.parametrize("value", ["i-1", 1000001, b"i-1\n", "ocid1.instance.oc1..example", "0a1b2c3d-1111"])
def test_an_id_is_a_word_or_number(value):
    assert metadata.instance_id(value, "here") == (value.decode() if isinstance(value, bytes) else str(value)).strip()


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "a b", "<html>", "../x", "..", True, 1.5, {}, "x" * 256, "a\0b", b"\xff\xfe a", "[]", "null", "-x"],
)
def test_nothing_else_is_an_id(value):
    with pytest.raises(Unreachable):
        metadata.instance_id(value, "here")


@pytest.mark.parametrize(
    ("value", "name"),
    [("web.example.com.", "web.example.com"), ("192.0.2.1", "ip-192-0-2-1"), ("", None), (None, None), ("a b", None)],
)
def test_a_host_name_is_a_name(value, name):
    assert metadata.host_name(value) == name


@pytest.mark.parametrize(
    "value", ["k1 a\n\nk2 b\n", ["k1 a", "k2 b\n"], {"x": "k1 a", "y": ["k2 b", ""]}, ["k1 a\nk2 b", "k1 a", None, 7]]
)
def test_keys_come_as_text_list_or_mapping(value):
    assert metadata.ssh_keys(value) == ("k1 a", "k2 b")


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("#!/bin/sh", (b"#!/bin/sh",)),
        (["a", "b", 3], (b"a", b"b")),
        ({"cloud-init": "a", "other": "b"}, (b"a",)),
        ({"cloud-init": {"cloud-init": "a"}}, ()),
        ({"other": "b"}, ()),
        (None, ()),
        ("", ()),
    ],
)
def test_vendor_data_is_one_document_several_or_inside_a_mapping(value, parts):
    assert metadata.vendor_parts(value) == parts


@pytest.mark.parametrize("raw", [b"#cloud-config\n", b"YWJ", b"YW=J", b"Content-Type: x", b"\xff"])
def test_what_is_not_base64_as_a_whole_stays_as_it_is(raw):
    assert metadata.unbase64(raw) == raw
    with pytest.raises(Unreachable):
        metadata.unbase64(raw, always=True)


@given(st.binary())
def test_base64_over_several_lines_is_decoded(data):
    import base64

    assert metadata.unbase64(base64.encodebytes(data), always=True) == data


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a": NaN}', b"{" * 100000, b"\xff\xfe", b'{"a": 1} x', b"null"])
def test_half_a_document_is_none(raw):
    with pytest.raises(Unreachable):
        metadata.mapping(raw, "here")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_mapping_or_a_named_failure(raw):
    try:
        assert isinstance(metadata.mapping(raw, "here"), dict)
    except Unreachable as problem:
        assert problem.reason.startswith("here")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("D0DF4C54-4ECB-4A4B-9954-5BDF3ED5C3B8", True),
        ("544cdfd0-cb4e-4b4a-9954-5bdf3ed5c3b8", True),
        ("d0df4c544ecb4a4b99545bdf3ed5c3b8", True),
        ("d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b9", False),
        ("", False),
    ],
)
def test_a_uuid_is_the_same_in_any_case_and_byte_order(other, same):
    assert metadata.same_uuid("d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8", other) is same
    assert metadata.same_uuid(other, "d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8") is same


def test_no_uuid_is_like_another():
    assert metadata.same_uuid("", "") is False
