"""Servers that are broken, slow of mind or hostile, on a wire of their own; our side is the real client."""

import pytest

from tests.dhcp.replies import ACK, NAK, OFFER, kind_of, reply
from tests.ephemeral.servers import lease, speaker, ways
from tests.namespaces import namespaces

KINDS = {1: OFFER, 3: ACK}


@pytest.fixture
def net():
    with namespaces() as (here, there):
        here.wire(there)
        here.run("sysctl -w net.ipv6.conf.eth0.disable_ipv6=1")  # whose addresses come in their own time
        here.run("ip link set eth0 up")
        here.await_carrier("eth0")
        there.await_carrier("srv0")
        there.run("ip addr add 192.0.2.1/24 dev srv0")
        there.run("ip route add default dev srv0")
        yield here, there


def test_garbage_before_and_between_is_not_heard(net):
    here, there = net
    noise = [b"", b"\0" * 300, b"\xff" * 1400, bytes(range(256))]

    def answers(asked):
        right = reply(KINDS[kind_of(asked)], asked)
        return [*noise, *(right[:length] for length in (1, 28, 236, 240, 250)), right + b"\x0c", right]

    with speaker(there, answers):
        assert lease(here).address == "192.0.2.10"


def test_answers_to_others_are_not_heard_and_are_told(net):
    here, there = net
    with speaker(there, lambda asked: [reply(OFFER, asked, xid=b"\1\2\3\4"), reply(OFFER, asked, mac=b"\2\2\2\2\2\2")]):
        found, why = ways(here, total=0.3)
    assert found == []
    assert why == (
        "no DHCP server answers on eth0, and what came was not taken: it belongs to another conversation; "
        "it is another machine's"
    )


def test_a_lease_without_a_router_is_a_lease(net):
    here, there = net
    before = here.picture()
    with speaker(there, lambda asked: [reply(KINDS[kind_of(asked)], asked, o3=None)]):
        got = lease(here)
    assert (got.address, got.routes) == ("192.0.2.10", ())
    assert here.picture() == before


def test_a_server_that_leads_somewhere_is_preferred_to_one_that_does_not(net):
    here, there = net

    def answers(asked):
        if kind_of(asked) == 1:
            return [reply(OFFER, asked, o3=None, server=b"\xc0\0\2\2"), reply(OFFER, asked)]
        return [reply(ACK, asked)]

    with speaker(there, answers):
        assert lease(here).server == "192.0.2.1"


def test_a_server_that_offers_and_then_is_silent_does_not_keep_us_from_another(net, monkeypatch):
    here, there = net
    monkeypatch.setattr("cloudboot.dhcp.exchange.FIRST", 0.05)
    false = b"\xc0\0\2\2"

    def answers(asked):
        if kind_of(asked) == 1:
            return [reply(OFFER, asked, server=false), reply(OFFER, asked)]
        return [] if false in asked[28 + 240 :] else [reply(ACK, asked)]

    with speaker(there, answers):
        assert lease(here).server == "192.0.2.1"


def test_a_server_that_only_offers_is_given_up_in_time(net):
    here, there = net
    with speaker(there, lambda asked: [reply(OFFER, asked)] if kind_of(asked) == 1 else []):
        found, why = ways(here, total=0.5)
    assert (found, why) == ([], "no DHCP server answers on eth0")


def test_a_server_that_refuses_everything_is_given_up_in_time(net):
    here, there = net
    with speaker(there, lambda asked: [reply({1: OFFER, 3: NAK}[kind_of(asked)], asked)]):
        assert ways(here, total=0.5)[0] == []


def test_a_flood_does_not_keep_the_deadline_from_coming(net):
    here, there = net
    with speaker(there, lambda asked: [reply(OFFER, asked, xid=b"\1\2\3\4")] * 5000):
        assert ways(here, total=0.5)[0] == []


@pytest.mark.parametrize(
    "hostile",
    [
        {"o121": b"\x08\x7f" + bytes((192, 0, 2, 1))},  # a route to ourselves
        {"o121": b"\x20\xc0\0\2\x0a" + bytes((192, 0, 2, 1))},  # the way to our own address
        {"o121": b"\x18\xc0\0\2" + bytes((192, 0, 2, 1))},  # our own network, elsewhere
        {"o121": (b"\x20\x0a\0\0" + b"\1" + bytes((192, 0, 2, 1))) * 25},  # one route, many times
        {"o121": b"\0" + bytes((203, 0, 113, 1))},  # a gateway that is nowhere near
        {"o121": b"\0" + bytes((192, 0, 2, 10))},  # ourselves as gateway
        {"o3": bytes((192, 0, 2, 10))},
        {"o1": b"\0\0\0\0"},
        {"o1": b"\xff\xff\xff\xff"},
        {"o1": b"\xff\0\xff\0"},
        {"o26": b"\0\1"},
        {"o12": b"$(reboot)\n"},
        {"o119": b"\xc0\0"},
    ],
)
def test_whatever_a_lease_says_all_is_as_before_afterwards(net, hostile):
    here, there = net
    before = here.picture()
    with speaker(there, lambda asked: [reply(KINDS[kind_of(asked)], asked, **hostile)]):
        ways(here, total=1)
    assert here.picture() == before


def test_a_route_that_cannot_be_is_told_and_the_rest_is_used(net):
    here, there = net
    ourselves = {"o121": b"\x20\xa9\xfe\xa9\xfe" + bytes((192, 0, 2, 10)) + b"\x08\x0a" + bytes((192, 0, 2, 1))}
    with speaker(there, lambda asked: [reply(KINDS[kind_of(asked)], asked, **ourselves)]):
        found, _ = ways(here, look=lambda network: (network.way, here.run("ip -4 route")))
    way, routes = found[0][1]
    assert way == "192.0.2.10/24 on eth0, from 192.0.2.1; add route 169.254.169.254/32: Invalid argument"
    assert "10.0.0.0/8 via 192.0.2.1" in routes
