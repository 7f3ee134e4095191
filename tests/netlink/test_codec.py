import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cloudboot.netlink import codec
from cloudboot.netlink.values import Address, Link, Route, from_json, to_json


@given(some.dictionaries(some.integers(0, 0x3FFF), some.binary(max_size=40)))
def test_attributes_come_out_as_they_went_in(fields):
    assert codec.attributes(codec.pack(fields)) == fields


@given(some.binary(max_size=100))
def test_attributes_of_garbage_come_to_an_end(data):
    codec.attributes(data)


def test_messages_come_out_of_one_datagram():
    data = codec.message(16, 0, 7, b"abc") + b"\0" + codec.message(3, 0, 7, b"")
    assert list(codec.messages(data)) == [(16, 7, b"abc"), (3, 7, b"")]


def test_a_message_that_is_cut_off_is_told():
    with pytest.raises(ValueError, match="cut off"):
        list(codec.messages(struct.pack("=IHHII", 99, 16, 0, 0, 0)))


@pytest.mark.parametrize(
    "address",
    [
        Address(3, "192.0.2.1", 24, seconds=600, bare=True),
        Address(3, "2001:db8::1", 64),
        Address(2, "169.254.1.2", 16, 253),
    ],
)
def test_an_address_is_told_as_it_was_asked_for(address):
    assert codec.address(codec.address_body(address)).but(flags=0) == address


@pytest.mark.parametrize(
    "route",
    [
        Route(2, "0.0.0.0", 0, "192.0.2.1"),
        Route(2, "169.254.169.254", 32),
        Route(2, "2001:db8::", 32, "fe80::1", metric=9),
    ],
)
def test_a_route_is_told_as_it_was_asked_for(route):
    assert codec.route(codec.route_body(route)) == (codec.MAIN_TABLE, codec.UNICAST, route)


@pytest.mark.parametrize(
    "thing", [Link(2, "eth0"), Address(2, "192.0.2.1", 24, seconds=9, bare=True), Route(2, "0.0.0.0", 0, "192.0.2.1")]
)
def test_what_is_to_be_taken_away_can_be_written_down(thing):
    assert from_json(to_json(thing)) == thing
