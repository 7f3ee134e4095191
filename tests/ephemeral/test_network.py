"""Real DHCP servers, in network namespaces."""

import threading

import pytest

from cloudboot.dhcp.lease import Way
from cloudboot.ephemeral.network import Network
from cloudboot.values import FileView
from tests.ephemeral.servers import dnsmasq, isc, lease, udhcpd, ways
from tests.namespaces import namespaces

METADATA = "121,169.254.169.254/32,192.0.2.1,0.0.0.0/0,192.0.2.1"


@pytest.fixture
def net():
    with namespaces() as (here, there):
        here.wire(there)
        yield here, there


def test_dnsmasq_gives_a_lease_with_all_its_options(net):
    here, there = net
    dnsmasq(
        there,
        options=[METADATA, "26,1400", "6,192.0.2.53", "119,a.example,b.example", "15,example", "245,168.63.129.16"],
    )
    got = lease(here)
    assert (got.prefix, got.server, got.seconds, got.mtu) == (24, "192.0.2.1", 600, 1400)
    assert got.routes == (Way("169.254.169.254", 32, "192.0.2.1"), Way("0.0.0.0", 0, "192.0.2.1"))
    assert (got.dns, got.search, got.domain) == (("192.0.2.53",), ("a.example", "b.example"), "example")


def test_udhcpd_gives_a_lease(net, tmp_path):
    here, there = net
    udhcpd(there, tmp_path, ["option dns 192.0.2.53", "option staticroutes 10.0.0.0/8 192.0.2.9"])
    got = lease(here)
    assert (got.address.rpartition(".")[0], got.prefix, got.dns) == ("192.0.2", 24, ("192.0.2.53",))
    assert got.routes == (Way("10.0.0.0", 8, "192.0.2.9"),)


def test_iscs_dhcpd_gives_a_lease(net, tmp_path):
    here, there = net
    isc(
        there,
        tmp_path,
        "option wire 168.63.129.16; option ms-routes 20:a9:fe:a9:fe:c0:00:02:01; option interface-mtu 1460;",
    )
    got = lease(here)
    assert (got.prefix, got.mtu, got.wireserver) == (24, 1460, "168.63.129.16")
    assert got.routes == (Way("169.254.169.254", 32, "192.0.2.1"),)


def test_the_machine_can_be_reached_from_beyond_its_network_and_all_is_as_before(net):
    here, there = net
    dnsmasq(there, options=[METADATA])
    there.run("ip addr add 169.254.169.254/32 dev lo")
    before = here.picture()
    found, _ = ways(here, look=lambda network: here.run("ping -c1 -W2 169.254.169.254"))
    assert "1 received" in found[0][1]
    assert here.picture() == before


def test_a_network_that_leads_somewhere_is_used_as_it_is_first(net):
    here, there = net
    for line in ("link set eth0 up", "addr add 192.0.2.7/24 dev eth0", "route add default via 192.0.2.1"):
        here.run(f"ip {line}")
    before = here.picture()
    found, _ = ways(here, most=9, look=lambda network: here.picture())
    assert found == [("the network as it is", before)]
    assert here.picture() == before


def test_a_card_that_is_up_already_stays_up(net):
    here, there = net
    here.run("ip link set eth0 up")
    dnsmasq(there)
    lease(here)
    assert "UP" in here.run("ip link show eth0")
    assert here.run("ip -4 route") == ""


def test_of_several_cards_the_one_that_is_answered_is_used(net):
    here, there = net
    here.wire(there, "eth1", "srv1", "02:00:00:00:00:02")
    here.wire(there, "eth2", "srv2", "02:00:00:00:00:03", up=False)
    dnsmasq(there, "srv1")
    before = here.picture()
    assert lease(here).interface == "eth1"
    assert here.picture() == before


def test_of_several_leases_that_which_names_the_metadata_service_comes_first(net):
    here, there = net
    here.wire(there, "eth1", "srv1", "02:00:00:00:00:02")
    dnsmasq(there)
    dnsmasq(there, "srv1", "198.51.100.1/24", "198.51.100.10,198.51.100.20",
            ["121,169.254.169.254/32,198.51.100.1"])  # fmt: skip
    found, _ = ways(here, most=9, look=lambda network: here.run("ip -4 route get 169.254.169.254"))
    assert [got.interface for got, _ in found] == ["eth1", "eth0"]
    assert ["via 198.51.100.1" in found[0][1], "via 192.0.2.1" in found[1][1]] == [True, True]


def test_a_card_without_a_carrier_is_not_waited_for(net):
    here, there = net
    there.run("ip link set srv0 down")
    found, why = ways(here, total=0.3)
    assert (found, why) == ([], "no carrier on eth0")


def test_a_carrier_that_comes_later_is_noticed(net):
    here, there = net
    there.run("ip link set srv0 down")
    dnsmasq(there)
    waits = []

    def waiting(what):
        waits.append(what)
        if what == "DHCP on eth0":
            there.run("ip link set srv0 up")

    def go():
        with Network(FileView(), lambda kept: None, waiting, total=8) as network:
            return network.next(False) and network.lease.interface

    assert here.inside(go) == "eth0"
    assert waits == ["a network interface", "DHCP on eth0"]


def test_a_card_that_comes_later_is_noticed():
    with namespaces() as (here, there):
        later = threading.Timer(0.3, lambda: (here.wire(there), dnsmasq(there)))

        def go():
            with Network(FileView(), lambda kept: None, lambda what: None, total=8) as network:
                return network.next(False) and network.lease.interface

        later.start()
        assert here.inside(go) == "eth0"
        later.join()


def test_two_cards_with_one_address_are_two(net):
    here, there = net
    here.wire(there, "eth1", "srv1", "02:00:00:00:00:01")
    dnsmasq(there, "srv1")
    before = here.picture()
    assert lease(here).interface == "eth1"
    assert here.picture() == before


def test_a_carrier_that_goes_and_comes_again_costs_no_more_than_time(net):
    here, there = net
    dnsmasq(there)
    flaps = []

    def waiting(what):
        if what == "DHCP on eth0" and not flaps:
            flaps.append(there.run("ip link set srv0 down"))
            there.run("ip link set srv0 up")

    def go():
        with Network(FileView(), lambda kept: None, waiting, total=20) as network:
            return network.next(False) and network.lease.interface

    before = here.picture()
    assert here.inside(go) == "eth0"
    assert here.picture() == before


def test_a_card_that_udev_never_names_stays_as_it_is(net):
    here, _ = net
    before = here.picture()
    found, why = ways(here, total=0.3, files=FileView({"/run/udev/control": b""}))
    assert (found, why) == ([], "there is no network interface that could be asked on")
    assert here.picture() == before


def test_silence_comes_to_an_end_and_is_told(net):
    here, _ = net
    found, why = ways(here, total=0.3)
    assert (found, why) == ([], "no DHCP server answers on eth0")


def test_where_dhcp_is_silent_a_service_on_the_link_can_be_asked(net, monkeypatch):
    here, there = net
    monkeypatch.setattr("cloudboot.ephemeral.network.SILENCE", 0.1)
    there.run("ip addr add 169.254.169.254/16 dev srv0")
    before = here.picture()
    found, _ = ways(here, link_local=True, look=lambda network: here.run("ping -c1 -W2 169.254.169.254"))
    assert found[0][0] == "an address of the link's own, on eth0"
    assert "1 received" in found[0][1]
    assert here.picture() == before


def test_a_machine_with_a_hundred_cards_finds_the_one_that_is_answered(net):
    here, there = net
    lines = "".join(f"link add name c{n} type veth peer name s{n} netns {there.path}\n" for n in range(99))
    here.run("ip -batch -", input=lines)
    there.run("ip -batch -", input="".join(f"link set s{n} up\n" for n in range(99)))
    dnsmasq(there, "s63")
    before = here.picture()
    assert lease(here).interface == "c63"
    assert here.picture() == before


def test_a_lease_comes_over_a_link_that_loses_a_third(net):
    here, there = net
    dnsmasq(there)
    there.run("nft -f -", input="table netdev lossy { chain in { type filter hook ingress device srv0 priority 0;"
              " numgen inc mod 3 == 0 drop; }; }")  # fmt: skip
    assert lease(here, total=30).interface == "eth0"


def test_a_lease_comes_over_a_slow_link(net):
    here, there = net
    dnsmasq(there)
    here.run("tc qdisc add dev eth0 root tbf rate 32kbit burst 400 latency 5s")
    there.run("tc qdisc add dev srv0 root tbf rate 32kbit burst 400 latency 5s")
    assert lease(here, total=30).interface == "eth0"


def test_where_only_ipv6_is_spoken_the_routers_word_is_enough(net, monkeypatch):
    here, there = net
    monkeypatch.setattr("cloudboot.ephemeral.gathering.ALONE", 0.1)
    here.run("sysctl -w net.ipv6.conf.eth0.dad_transmits=0 net.ipv6.conf.eth0.router_solicitation_delay=0")
    there.run("ip addr add 2001:db8::1/64 dev srv0 nodad")
    there.start(["dnsmasq", "-k", "-p0", "-C/dev/null", "--log-facility=-", "--user=root", "--pid-file=", "--enable-ra",
                 "--leasefile-ro", "--dhcp-range=2001:db8::,ra-only,64"], "router advertisement")  # fmt: skip
    before = here.picture()
    found, _ = ways(here, look=lambda network: here.run("ping -c1 -W2 2001:db8::1"))
    assert found[0][0] == "router advertisement"
    assert "1 received" in found[0][1]
    assert here.picture() == before
