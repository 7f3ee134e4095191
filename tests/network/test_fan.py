import pytest

from cloudboot.errors import Invalid
from cloudboot.network.fan import Fan, fans


@pytest.mark.parametrize("overlay, underlay, part", [
    ("241.0.0.0/8", "172.16.3.4/16", "241.3.4.0/24"),
    ("250.0.0.0/8", "10.88.3.4/16", "250.3.4.0/24"),
    ("99.0.0.0/8", "10.88.3.4/16", "99.3.4.0/24"),
    ("240.0.0.0/8", "192.168.7.9/24", "240.9.0.0/16"),
    ("10.128.0.0/9", "192.0.2.200/24", "10.228.0.0/17"),
    ("100.64.0.0/16", "192.0.2.77/24", "100.64.77.0/24"),
    ("241.0.0.0/8", "172.16.0.0/16", ""),
    ("241.0.0.0/8", "eth0/16", ""),
])  # fmt: skip
def test_the_slice_of_a_host_is_found_from_its_address(overlay, underlay, part):
    assert fans(f"{overlay} {underlay}\n") == (Fan(overlay, underlay, (), part),)


def test_lines_have_options_and_comments():
    found = fans("# all\n\n241.0.0.0/8 eth0/16 dhcp # one\n242.0.0.0/8\teth1/16 dhcp off\n")
    assert [(fan.bridge, fan.options, fan.is_automatic) for fan in found] == [
        ("fan-241", ("dhcp",), True), ("fan-242", ("dhcp", "off"), False)]  # fmt: skip
    assert found[0].command("up") == ("up", "-u", "eth0/16", "-o", "241.0.0.0/8", "--dhcp")
    assert found[0].command("down") == ("down", "-u", "eth0/16", "-o", "241.0.0.0/8")


@pytest.mark.parametrize("text, said", [
    ("241.0.0.0/8", "an overlay and an underlay"),
    ("241.0.0.0 eth0/16", "no IPv4 address with a prefix"),
    ("241.0.0.0/0 eth0/16", "no IPv4 address with a prefix"),
    ("2001:db8::/32 eth0/16", "no IPv4 address with a prefix"),
    ("256.0.0.0/8 eth0/16", "no IPv4 address with a prefix"),
    ("241.0.0.1/8 eth0/16", "bits behind its prefix"),
    ("241.0.0.0/8 eth0", "no prefix of 1 to 32"),
    ("241.0.0.0/8 172.16.3.4", "no IPv4 address with a prefix"),
    ("241.0.0.0/8 eth0/33", "no prefix of 1 to 32"),
    ("241.0.0.0/8 eth0/8", "a slice of 32 bits"),
    ("241.0.0.0/16 172.16.3.4/16", "a slice of 32 bits"),
    ("10.0.0.0/8 10.88.3.4/16", "addresses in common"),
    ("10.0.0.0/8 ../16", "neither an address nor the name"),
    ("10.0.0.0/8 a-name-that-is-too-long/16", "neither an address nor the name"),
    ("10.0.0.0/8 $(reboot)/16", "neither an address nor the name"),
    ("10.0.0.0/8 eth0/16 dhcp;reboot", "an option of signs"),
])  # fmt: skip
def test_a_line_of_which_no_fan_can_be_made_is_named(text, said):
    with pytest.raises(Invalid, match=f"line 2: .*{said}"):
        fans(f"# fans\n{text}\n")
