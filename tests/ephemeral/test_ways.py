import pytest

from cloudboot.dhcp.lease import Lease, Way
from cloudboot.ephemeral.ways import LONGEST, of_lease, of_link, preference
from cloudboot.netlink.values import Address, Link, Route

LINK = Link(2, "eth0", bytes.fromhex("020000000305"), mtu=1500)
LEASE = Lease("eth0", "192.0.2.10", 24, "192.0.2.1", 600, (Way("0.0.0.0", 0, "192.0.2.1"),))


def test_a_lease_is_an_address_its_network_and_its_routes():
    assert of_lease(LEASE, LINK, has_default=False) == (
        Address(2, "192.0.2.10", 24, seconds=600, bare=True),
        Route(2, "192.0.2.0", 24, "", "192.0.2.10"),
        Route(2, "0.0.0.0", 0, "192.0.2.1", "192.0.2.10"),
    )


def test_the_machines_own_default_route_stays_the_only_one():
    assert all(step.prefix for step in of_lease(LEASE, LINK, has_default=True))


def test_what_is_on_the_link_comes_before_what_is_reached_through_it():
    routes = (Way("0.0.0.0", 0, "10.0.0.1"), Way("10.0.0.1", 32))
    steps = of_lease(LEASE.but(address="10.0.0.9", prefix=32, routes=routes), LINK, False)
    assert [(s.network, s.gateway) for s in steps[1:]] == [("10.0.0.1", ""), ("0.0.0.0", "10.0.0.1")]


@pytest.mark.parametrize(("said", "used"), [(0, 0), (1400, 1400), (1500, 0), (9001, 0)])
def test_a_smaller_size_of_packets_is_said_of_the_routes(said, used):
    assert {r.mtu for r in of_lease(LEASE.but(mtu=said), LINK, False)[1:]} == {used}


def test_no_address_stays_for_ever():
    assert of_lease(LEASE.but(seconds=0xFFFFFFFF), LINK, False)[0].seconds == LONGEST


def test_the_same_route_is_made_once():
    routes = (Way("192.0.2.0", 24), Way("192.0.2.0", 24))
    assert len(of_lease(LEASE.but(routes=routes), LINK, False)) == 2


def test_an_address_of_the_links_own_comes_from_that_of_the_card():
    assert of_link(LINK).address == "169.254.4.5"
    assert of_link(LINK.but(mac=bytes.fromhex("02000000a8fe"))).address == "169.254.169.253"
    every = {of_link(LINK.but(mac=bytes((2, 0, 0, 0, high, low)))).address for high in range(256) for low in range(256)}
    assert "169.254.169.254" not in every
    assert not any(address.startswith(("169.254.0.", "169.254.255.")) for address in every)


def test_a_lease_that_names_the_way_is_preferred_then_one_that_leads_anywhere():
    nowhere = LEASE.but(routes=())
    named = LEASE.but(routes=(Way("169.254.169.254", 32, "192.0.2.1"),))
    assert sorted([nowhere, LEASE, named], key=preference) == [named, LEASE, nowhere]
