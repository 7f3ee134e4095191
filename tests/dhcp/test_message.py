import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cloudboot.dhcp import message
from cloudboot.dhcp.lease import Way, lease_from_json, lease_of
from cloudboot.dhcp.message import understood
from tests.dhcp.replies import ACK, MAC, OFFER, SERVER, YOURS, options_of, reply

XID = b"abcd"


def test_a_question_asks_for_all_that_is_understood():
    sent = bytes(28) + message.discover(XID, MAC, 3)
    said = options_of(sent)
    assert (said[53], set(said[55])) == (b"\1", {1, 3, 6, 12, 15, 26, 33, 119, 121, 245, 249})
    assert tuple(said[55]).index(121) < tuple(said[55]).index(3)
    assert sent[28:40] == b"\1\1\6\0" + XID + b"\0\3\0\0"
    assert sent[28 + 28 : 28 + 34] == MAC


def test_a_request_names_the_offer_and_its_server():
    said = options_of(bytes(28) + message.request(XID, MAC, 0, understood(reply(OFFER, xid=XID))))
    assert (said[53], said[50], said[54]) == (b"\3", YOURS, SERVER)


def test_a_question_says_nothing_of_this_machine_but_its_mac_address():
    assert set(options_of(bytes(28) + message.discover(XID, MAC, 0))) == {53, 55, 57}


def test_an_offer_becomes_a_lease():
    heard = understood(reply(OFFER, xid=XID, o6=b"\x08\x08\x08\x08", o12=b"web-1", o15=b"example.com", o26=b"\x05\xb4",
                             o245=b"\xa8\x3f\x81\x10"))  # fmt: skip
    lease = lease_of(heard, "eth0")
    assert (lease.address, lease.prefix, lease.server, lease.seconds) == ("192.0.2.10", 24, "192.0.2.1", 600)
    assert lease.routes == (Way("0.0.0.0", 0, "192.0.2.1"),)
    assert (lease.dns, lease.hostname, lease.domain, lease.search) == (
        ("8.8.8.8",), "web-1", "example.com", ("example.com",)
    )  # fmt: skip
    assert (lease.mtu, lease.wireserver) == (1460, "168.63.129.16")
    assert lease_from_json(lease.to_json()) == lease


def test_classless_routes_hide_routers_and_static_routes():
    lease = lease_of(understood(reply(ACK, xid=XID, o33=SERVER * 2, o121=b"\x20\xa9\xfe\xa9\xfe\0\0\0\0")), "eth0")
    assert lease.routes == (Way("169.254.169.254", 32),)


def test_microsofts_number_for_classless_routes_is_understood():
    assert lease_of(understood(reply(ACK, xid=XID, o249=b"\x08\x0a" + SERVER)), "e").routes == (
        Way("10.0.0.0", 8, "192.0.2.1"),
    )


def test_malformed_classless_routes_hide_nothing():
    assert lease_of(understood(reply(ACK, xid=XID, o121=b"\x21")), "eth0").has_default


def test_without_a_mask_the_address_has_that_of_its_class():
    assert lease_of(understood(reply(ACK, xid=XID, o1=None)), "eth0").prefix == 24
    assert lease_of(understood(reply(ACK, xid=XID, o1=None, yours=b"\x0a\1\1\1")), "eth0").prefix == 8


@pytest.mark.parametrize(("said", "seconds"), [(0, 60), (7200, 7200), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_lease_lasts_for_some_time_at_least(said, seconds):
    assert lease_of(understood(reply(ACK, xid=XID, o51=struct.pack("!I", said))), "eth0").seconds == seconds


def test_options_may_go_on_in_the_fields_for_names():
    heard = understood(reply(OFFER, xid=XID, o52=b"\3", file=b"\x0c\2ab\xff", sname=b"\x0c\2cd\x0f\1e"))
    assert (heard.options[12], heard.options[15]) == (b"abcd", b"e")


@pytest.mark.parametrize(
    "wrong",
    [
        {"o52": b"\1", "file": b"\x0c\xc8"},
        {"o52": b"\2", "sname": b"\x0c\x41"},
        {"o52": b"\4"},
        {"o52": b"\1\1"},
        {"tail": b"\x0c\x20short"},
        {"op": 1},
        {"server": b""},
        {"o54": b"\1\2\3"},
        {"yours": bytes(4)},
        {"yours": b"\xff" * 4},
        {"yours": b"\x7f\0\0\1"},
        {"o53": b"\1"},
        {"o53": b"\5\5"},
        {"o53": None},
    ],
)
def test_a_message_that_is_wrong_anywhere_is_not_taken(wrong):
    with pytest.raises(ValueError):
        understood(reply(OFFER, **{"xid": XID, **wrong}))


@given(some.binary(max_size=400))
def test_garbage_is_refused_with_a_reason(data):
    with pytest.raises(ValueError, match="."):
        understood(data)


@given(some.binary(max_size=300), some.sampled_from([b"\0", b"\1", b"\2", b"\3"]), some.binary(max_size=128))
def test_options_of_any_kind_are_a_lease_or_a_reason(area, overload, file):
    head = reply(OFFER, xid=XID, o52=overload, tail=b"", file=file)
    try:
        lease_of(understood(head + area), "eth0")
    except ValueError as wrong:
        assert str(wrong)
