"""Parsing and rendering grow with the number of interfaces, not with its square: counted in calls, which do not depend
on the machine."""

import pytest

from cloudboot.network import RENDERERS, parse, render
from cloudboot.network.model import Target
from tests.kit import calls

SMALL, LARGE, MOST = 100, 1000, 12


def v1(interfaces):
    """A tenth each: bonds of two, bridges, vlans, the rest hardware with addresses; a route for each ten."""
    config = []
    for i in range(interfaces):
        net = f"10.{i // 250}.{i % 250}"
        subnets = [{"type": "static", "address": f"{net}.5/24", "gateway": f"{net}.1", "dns_nameservers": [f"{net}.2"],
                    "routes": [{"network": "192.0.2.0/24", "gateway": f"{net}.3"}]},
                   {"type": "static6", "address": f"2001:db8:{i:x}::5/64"}]  # fmt: skip
        entry = {"type": "physical", "name": f"eth{i}", "mac_address": f"02:00:00:00:{i // 256:02x}:{i % 256:02x}"}
        if i % 10 == 2:
            entry = {"type": "bond", "name": f"bond{i}", "bond_interfaces": [f"eth{i - 2}", f"eth{i - 1}"],
                     "params": {"bond-mode": "active-backup", "bond-primary": f"eth{i - 1}"}}  # fmt: skip
        elif i % 10 == 3:
            entry = {"type": "bridge", "name": f"br{i}", "bridge_interfaces": [f"bond{i - 1}"],
                     "params": {"bridge_pathcost": [f"bond{i - 1} 50"]}}  # fmt: skip
        elif i % 10 == 5:
            entry = {"type": "vlan", "name": f"eth{i - 1}.7", "vlan_link": f"eth{i - 1}", "vlan_id": 7}
        config.append({**entry, "subnets": subnets if i % 10 > 2 else []})
        if i % 10 == 9:
            config.append({"type": "route", "destination": "198.51.100.0/24", "gateway": f"{net}.9"})
    return {"version": 1, "config": [*config, {"type": "nameserver", "address": "192.0.2.53"}]}


def v2(interfaces):
    ethernets = {
        f"nic{i}": {"match": {"macaddress": f"02:00:00:00:{i // 256:02x}:{i % 256:02x}"}, "set-name": f"lan{i}",
                    "dhcp4": i % 2 == 0, "dhcp4-overrides": {"route-metric": 100 + i},
                    "addresses": [f"10.{i // 250}.{i % 250}.5/24"], "wakeonlan": True,
                    "routes": [{"to": "192.0.2.0/24", "via": f"10.{i // 250}.{i % 250}.1", "table": 100 + i}],
                    "routing-policy": [{"from": f"10.{i // 250}.{i % 250}.5", "table": 100 + i}]}
        for i in range(interfaces)
    }  # fmt: skip
    vlans = {f"v{i}": {"id": i % 4000, "link": f"nic{i}"} for i in range(0, interfaces, 10)}
    return {"version": 2, "ethernets": ethernets, "vlans": vlans}


@pytest.mark.parametrize("document", [v1, v2])
def test_ten_times_as_many_interfaces_are_little_more_than_ten_times_the_work_to_parse(document):
    small, large = document(SMALL), document(LARGE)
    assert calls(lambda: parse(large)) / calls(lambda: parse(small)) < MOST


@pytest.mark.parametrize("document", [v1, v2])
@pytest.mark.parametrize("renderer, family", [*((r, "debian") for r in RENDERERS), ("sysconfig", "suse")])
def test_ten_times_as_many_interfaces_are_little_more_than_ten_times_the_work(document, renderer, family):
    small, large = parse(document(SMALL)), parse(document(LARGE))
    work = [calls(lambda n=n: render(renderer, n, Target(family))) for n in (small, large)]
    assert work[1] / work[0] < MOST
    assert len(render(renderer, large, Target(family)).files) > (0 if renderer in ("eni", "netplan") else LARGE)
