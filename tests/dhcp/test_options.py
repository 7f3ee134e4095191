import pytest
from hypothesis import given
from hypothesis import strategies as some

from cloudboot.dhcp import options


def unpacked(area):
    found = {}
    options.unpack(area, found)
    return found


@given(some.dictionaries(some.integers(1, 254), some.binary(max_size=255)))
def test_what_is_packed_comes_out_again(said):
    assert unpacked(options.pack(said)) == said


def test_the_pieces_of_a_long_option_are_joined():
    assert unpacked(b"\x79\2ab\0\x79\1c\xff\x79\1d") == {121: b"abc"}


@pytest.mark.parametrize("area", [b"\1", b"\1\4\xff\xff\xff", b"\3\xff\0", b"\0\0\x0c"])
def test_an_option_that_is_cut_off_spoils_all(area):
    with pytest.raises(ValueError, match="cut off"):
        unpacked(area)


def test_an_area_may_end_without_a_mark():
    assert unpacked(b"\1\1x") == {1: b"x"}


@pytest.mark.parametrize(
    ("mask", "prefix"),
    [(b"\xff\xff\xff\0", 24), (b"\xff" * 4, 32), (bytes(4), 0), (b"\xff\0\xff\0", None), (b"\xff", None), (None, None)],
)  # fmt: skip
def test_a_mask_is_a_prefix_or_nothing(mask, prefix):
    assert options.prefix(mask) == prefix


@pytest.mark.parametrize(
    ("name", "read"),
    [(b"web-1.example", "web-1.example"), (b"web\0", "web"), (b"web.", "web"), (b"", ""), (b"-rf", ""), (b"a..b", ""),
     (b"$(reboot)", ""), (b"a b", ""), (b"a\nb", ""), (b"a;b", ""), (b"\xff", ""),
     (b"x" * 64, ""), (b"a." * 127 + b"a", "")],
)  # fmt: skip
def test_a_name_has_nothing_that_a_shell_would_mind(name, read):
    assert options.name(name) == read


@given(some.binary(max_size=300))
def test_no_name_ever_holds_a_strange_character(data):
    assert set(options.name(data)) <= set(map(chr, options.NAME)) | {"."}
    assert all(set(domain) <= set(map(chr, options.NAME)) | {"."} for domain in options.search(data))


def test_addresses_that_no_machine_has_are_left_out():
    assert options.hosts(bytes((8, 8, 8, 8, 127, 0, 0, 1, 0, 0, 0, 0, 255, 255, 255, 255, 224, 0, 0, 1, 1, 2))) == (
        "8.8.8.8",
    )


@pytest.mark.parametrize(
    ("size", "read"), [(b"\5\xb4", 1460), (b"\x23\x29", 9001), (b"\0\x44", 0), (b"\5", 0), (None, 0)]
)
def test_an_mtu_that_cannot_be_is_not_one(size, read):
    assert options.mtu(size) == read


def test_classless_routes_have_networks_of_any_length():
    data = b"\x20\xa9\xfe\xa9\xfe\xc0\0\2\1" + b"\0\xc0\0\2\1" + b"\x0e\x0a\x07\xc0\0\2\2" + b"\x18\x0a\x01\x01\0\0\0\0"
    assert options.classless_routes(data) == (
        ("169.254.169.254", 32, "192.0.2.1"),
        ("0.0.0.0", 0, "192.0.2.1"),
        ("10.4.0.0", 14, "192.0.2.2"),
        ("10.1.1.0", 24, "0.0.0.0"),
    )


@pytest.mark.parametrize("data", [b"\x21" + bytes(9), b"\x20\xa9\xfe", b"\0\xc0\0\2\1\x08\x0a\xc0", b"\0"])
def test_one_classless_route_that_is_malformed_spoils_all(data):
    assert options.classless_routes(data) == ()


def test_a_route_to_where_no_packet_may_go_is_left_out():
    assert options.classless_routes(b"\x08\x7f\xc0\0\2\1" + b"\x04\xe0\xc0\0\2\1" + b"\0\x7f\0\0\1") == ()


def test_static_routes_lead_to_hosts_and_to_networks_of_a_class():
    data = bytes((10, 0, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7, 192, 0, 2, 2, 0, 0, 0, 0, 192, 0, 2, 3, 1))
    assert options.static_routes(data) == (("10.0.0.0", 8, "192.0.2.1"), ("198.51.100.7", 32, "192.0.2.2"))


def test_domains_may_be_compressed():
    data = b"\3eng\7example\3com\0" + b"\3ops\xc0\x04" + b"\xc0\x04"
    assert options.search(data) == ("eng.example.com", "ops.example.com", "example.com")


@pytest.mark.parametrize(
    "data",
    [b"\xc0\0", b"\1a\xc0\0", b"\xc0\2\xc0\0", b"\1a\xc0\x02\xc0\x02", b"\x40", b"\5ab", b"\1a", b"\xc0", b"\3a b\0"],
)
def test_a_compressed_name_that_goes_in_circles_or_nowhere_is_none(data):
    assert options.search(data) == ()


def test_the_domains_before_one_that_is_malformed_count():
    assert options.search(b"\1a\0\1b\xc0\x09") == ("a",)


@given(
    some.lists(some.sampled_from([b"\xc0\0", b"\xc0\2", b"\1a", b"\0", b"\xc0\5", b"\2bc"]), max_size=200).map(b"".join)
)
def test_reading_domains_comes_to_an_end_and_to_few(data):
    assert len(options.search(data)) <= options.MOST_NAMES


@given(some.binary(max_size=600))
def test_no_option_can_make_a_reading_fail(data):
    for reading in (options.hosts, options.prefix, options.mtu, options.name, options.classless_routes,
                    options.static_routes, options.search):  # fmt: skip
        reading(data)
