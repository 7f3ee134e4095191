import pytest
from hypothesis import given
from hypothesis import strategies as some

from cloudboot.dhcp.frame import checksum, unwrap, wrap
from tests.dhcp.replies import packet


def test_a_packet_that_we_send_has_right_headers():
    sent = wrap(b"hello")
    assert checksum(sent[:20]) == 0
    assert sent[12:20] == b"\0\0\0\0\xff\xff\xff\xff"
    assert sent[20:28][:6] == bytes((0, 68, 0, 67, 0, 13))
    assert checksum(sent[12:20] + b"\0\x11\0\x0d" + sent[20:]) == 0


@given(some.binary(max_size=700))
def test_what_a_server_sends_comes_out_as_it_went_in(payload):
    assert unwrap(packet(payload)) == payload


def test_padding_of_the_link_is_no_part_of_it():
    assert unwrap(packet(b"hello") + bytes(20)) == b"hello"


@pytest.mark.parametrize(
    "wrong", [{"source": 68}, {"target": 67}, {"protocol": 6}, {"fragment": 0x2000}, {"fragment": 1}, {"right": False}]
)
def test_what_is_not_whole_and_right_is_not_taken(wrong):
    assert unwrap(packet(b"hello", **wrong)) is None


def test_a_checksum_that_the_card_was_to_make_is_not_missed():
    assert unwrap(packet(b"hello", right=False), unfinished=True) == b"hello"


def test_a_packet_without_a_checksum_is_taken():
    plain = packet(b"hello")
    assert unwrap(plain[:26] + b"\0\0" + plain[28:]) == b"hello"


@given(some.binary(max_size=80))
def test_garbage_is_nothing(data):
    assert unwrap(data) is None or data[9] == 17


@given(some.integers(0, 60))
def test_a_packet_that_is_cut_off_is_nothing(length):
    assert unwrap(packet(b"hello" * 7)[:length]) is None
