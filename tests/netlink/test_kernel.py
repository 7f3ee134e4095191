"""Against the kernel itself, in a network namespace; `ip` tells what there is."""

import pytest

from cloudboot.netlink.kernel import Kernel, Refused
from cloudboot.netlink.values import LINK, Address, Link, Route
from tests.namespaces import namespaces


@pytest.fixture
def net():
    with namespaces() as (here, there):
        here.wire(there)
        kernel = here.inside(Kernel)
        yield here, kernel
        kernel.close()


def eth0(kernel):
    return next(link for link in kernel.links() if link.name == "eth0")


def test_links_are_told_with_their_kinds_and_addresses(net):
    here, kernel = net
    here.run("ip link add br0 type bridge")
    here.run("ip link set eth0 master br0 mtu 1400")
    links = {link.name: link for link in kernel.links()}
    assert (links["eth0"].mac.hex(":"), links["eth0"].kind, links["eth0"].mtu) == ("02:00:00:00:00:01", "veth", 1400)
    assert (links["br0"].kind, links["eth0"].master) == ("bridge", links["br0"].index)
    assert not links["eth0"].up


def test_a_link_comes_up_with_its_carrier_and_goes_down(net):
    here, kernel = net
    kernel.raise_link(eth0(kernel))
    assert eth0(kernel).running
    kernel.lower_link(eth0(kernel))
    assert not eth0(kernel).up


def test_an_address_comes_once_and_goes(net):
    here, kernel = net
    link = eth0(kernel)
    kernel.raise_link(link)
    address = Address(link.index, "192.0.2.7", 24, seconds=600, bare=True)
    assert kernel.add(address)
    assert not kernel.add(address)
    assert "192.0.2.7/24 scope global dynamic noprefixroute eth0" in here.run("ip addr show dev eth0")
    assert "192.0.2.0/24" not in here.run("ip route")
    kernel.remove(address)
    kernel.remove(address)
    assert "192.0.2.7" not in here.run("ip addr show dev eth0")


def test_an_address_of_the_link_reaches_no_further(net):
    here, kernel = net
    kernel.raise_link(eth0(kernel))
    kernel.add(Address(eth0(kernel).index, "169.254.3.4", 16, LINK))
    assert "169.254.3.4/16 scope link eth0" in here.run("ip addr show dev eth0")
    assert kernel.leads_to("169.254.169.254")
    assert not kernel.leads_to("192.0.2.1")


def test_routes_come_and_go_with_gateways_that_no_network_covers(net):
    here, kernel = net
    link = eth0(kernel)
    kernel.raise_link(link)
    kernel.add(Address(link.index, "192.0.2.7", 32, bare=True))
    route = Route(link.index, "0.0.0.0", 0, "198.51.100.1", "192.0.2.7", 1400)
    kernel.add(route)
    kernel.add(Route(link.index, "169.254.169.254", 32, "", "192.0.2.7"))
    shown = here.run("ip route")
    assert "default via 198.51.100.1 dev eth0 src 192.0.2.7 onlink mtu 1400" in shown
    assert "169.254.169.254 dev eth0 scope link src 192.0.2.7" in shown
    assert kernel.leads_to("203.0.113.9")
    assert {way.network for way in kernel.routes() if "." in way.network} == {"0.0.0.0", "169.254.169.254"}
    kernel.remove(route)
    kernel.remove(route)
    assert not kernel.leads_to("203.0.113.9")


def test_routes_go_with_the_address_that_their_packets_carry(net):
    here, kernel = net
    link = eth0(kernel)
    kernel.raise_link(link)
    address = Address(link.index, "192.0.2.7", 24, bare=True)
    kernel.add(address)
    kernel.add(Route(link.index, "0.0.0.0", 0, "192.0.2.1", "192.0.2.7"))
    kernel.remove(address)
    assert here.run("ip -4 route") == ""


def test_ipv6_has_addresses_and_routes_as_well(net):
    here, kernel = net
    link = eth0(kernel)
    kernel.raise_link(link)
    kernel.add(Address(link.index, "2001:db8::7", 64))
    kernel.add(Route(link.index, "2001:db8:1::", 48, "fe80::1"))
    assert "2001:db8::7/64" in here.run("ip addr show dev eth0")
    assert "2001:db8:1::/48 via fe80::1" in here.run("ip -6 route")
    assert any(a.address == "2001:db8::7" and not a.usable for a in kernel.addresses())


def test_what_the_kernel_refuses_is_told_by_name(net):
    _, kernel = net
    with pytest.raises(Refused, match=r"add address 192\.0\.2\.7/24: No such device"):
        kernel.add(Address(999, "192.0.2.7", 24))
    with pytest.raises(Refused, match="turn gone up: No such device"):
        kernel.raise_link(Link(999, "gone"))
    kernel.lower_link(Link(999, "gone"))
