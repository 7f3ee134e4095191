"""A machine in a network namespace, and the cloud that it is in: asked before the machine has a network of its own."""

import json
import os
import sys

import pytest

from cloudboot import early, whoami
from cloudboot.card import Stage
from cloudboot.job import Inputs, Job
from cloudboot.log import Log
from cloudboot.report import Report
from cloudboot.settings import Settings
from cloudboot.state import State
from cloudboot.values import Dmi, FileView, Host, Instance
from tests.ephemeral.servers import dnsmasq
from tests.namespaces import namespaces
from tools.mock_cloud.ec2 import Ec2, example
from tools.mock_cloud.server import Server

METADATA = "121,169.254.169.254/32,192.0.2.1,0.0.0.0/0,192.0.2.1"
QUICK = {"max_wait": 2, "timeout": 1}


@pytest.fixture
def net():
    with namespaces() as (here, there):
        here.wire(there)
        there.run("ip addr add 169.254.169.254/32 dev lo")
        yield here, there


def job(folder, root="/", sources=("Ec2",), plan=None, **settings):
    state = State(str(folder))
    host = Host(root=root, files=FileView(), dmi=Dmi(sys_vendor="Amazon EC2"))
    config = {"datasource_list": [*sources, "None"], "datasource": {"Ec2": {**QUICK, **settings}}}
    made = Job(host, Settings(config=config), None, state, Report(state, "boot"), Log(None), Inputs(), plan)
    made.report.start(Stage.LOCAL)
    return made


def serve(there, cloud=None):
    return there.inside(lambda: Server(cloud or Ec2(example()), "169.254.169.254", 80))


def test_a_cloud_is_asked_before_the_network_is_configured(net, tmp_path):
    here, there = net
    dnsmasq(there, options=[METADATA])
    before = here.picture()
    made = job(tmp_path)
    with serve(there):
        found = here.inside(whoami.ask, made, Stage.LOCAL)
    assert (found.id, found.datasource) == ("i-0mock00000000001", "ec2")
    assert here.picture() == before
    assert made.report.data["warnings"] == made.report.data["errors"] == made.unreachable == []
    assert made.report.data["waiting"] is None
    assert json.loads((tmp_path / "run/cloudboot/ephemeral.json").read_bytes()) == []


def test_the_status_says_what_is_waited_for(net, tmp_path, monkeypatch):
    here, there = net
    dnsmasq(there, options=[METADATA])
    made, waits = job(tmp_path), []
    monkeypatch.setattr(made.report, "wait", lambda what, since=0.0: waits.append(what))
    with serve(there):
        here.inside(whoami.ask, made, Stage.LOCAL)
    assert waits[:2] == ["a network interface", "DHCP on eth0"]
    assert "datasource ec2" in waits


def test_what_does_not_answer_is_asked_again_when_the_network_is_up(net, tmp_path):
    here, there = net
    dnsmasq(there, options=[METADATA])
    made = job(tmp_path, max_wait=0.2, timeout=0.1)
    assert here.inside(whoami.ask, made, Stage.LOCAL) is None
    assert made.waits_for_network
    assert made.unreachable == []
    for line in ("link set eth0 up", "addr add 192.0.2.9/24 dev eth0", "route add default via 192.0.2.1"):
        here.run(f"ip {line}")
    with serve(there):
        assert here.inside(whoami.ask, job(tmp_path), Stage.NETWORK).id == "i-0mock00000000001"


def test_a_machine_whose_interface_came_after_its_network_was_described_is_connected_for_the_question(net, tmp_path):
    here, there = net
    dnsmasq(there, options=[METADATA])
    before = here.picture()
    with serve(there):
        assert here.inside(whoami.ask, job(tmp_path), Stage.NETWORK).id == "i-0mock00000000001"
    assert here.picture() == before


def test_a_machine_that_is_known_is_not_kept_from_booting_without_a_network(net, tmp_path):
    here, there = net
    dnsmasq(there, options=[METADATA])
    made = job(tmp_path)
    made.state.adopt(Instance("i-known", datasource="ec2"), {})
    with serve(there):
        assert here.inside(whoami.ask, made, Stage.NETWORK).datasource == "none"


def test_a_service_that_only_the_second_card_reaches_is_found(net, tmp_path, monkeypatch):
    here, there = net
    monkeypatch.setattr(early, "ONE_OF_SEVERAL", 1.0)
    here.wire(there, "eth1", "srv1", "02:00:00:00:00:02")
    dnsmasq(there, "srv1", options=[METADATA])
    with namespaces(1) as (nowhere,):
        here.wire(nowhere, "eth2", "srv0", "02:00:00:00:00:03")
        dnsmasq(nowhere, options=[METADATA])
        with serve(there):
            assert here.inside(whoami.ask, job(tmp_path), Stage.LOCAL).id == "i-0mock00000000001"


def test_no_network_at_all_is_a_warning_in_the_log_and_the_boot_goes_on(net, tmp_path, monkeypatch, capsys):
    here, there = net
    there.run("ip link set srv0 down")
    monkeypatch.setattr("cloudboot.ephemeral.gathering.CARRIER", 0.1)
    made = job(tmp_path)
    assert here.inside(whoami.ask, made, Stage.LOCAL) is None
    assert made.waits_for_network
    assert "no network for a question: no carrier on eth0" in capsys.readouterr().err


@pytest.mark.parametrize("about", [{"root": "/mnt"}, {"plan": object()}])
def test_for_a_plan_or_another_tree_nothing_is_brought_up(net, tmp_path, about):
    here, there = net
    dnsmasq(there, options=[METADATA])
    made = job(tmp_path, **about)
    with serve(there) as server:
        assert here.inside(whoami.ask, made, Stage.LOCAL) is None
        assert server.requests == []
    assert made.waits_for_network


def test_what_a_killed_agent_left_is_taken_down_at_the_next_start(net, tmp_path):
    here, there = net
    dnsmasq(there)
    before = here.picture()
    script = """
import json, os, sys
from cloudboot.ephemeral.network import Network
from cloudboot.values import FileView
def keep(kept):
    with open(sys.argv[1], "w") as file:
        json.dump(kept, file)
with Network(FileView(), keep, lambda what: None) as network:
    network.next(False)
    os.kill(os.getpid(), 9)
"""
    record = tmp_path / "run/cloudboot/ephemeral.json"
    os.makedirs(record.parent)
    with pytest.raises(AssertionError):
        here.run([sys.executable, "-c", script, str(record)])
    assert "inet 192.0.2." in here.run("ip addr show dev eth0")
    here.inside(early.sweep, job(tmp_path))
    assert here.picture() == before
    assert json.loads(record.read_bytes()) == []


@pytest.mark.parametrize("torn", [b"", b"[", b"{}", b"[1]", b'[{"address": {}}]', b'[{"what": {}}]'])
def test_a_record_that_cannot_be_read_costs_nothing(net, tmp_path, torn):
    here, _ = net
    record = tmp_path / "run/cloudboot/ephemeral.json"
    os.makedirs(record.parent)
    record.write_bytes(torn)
    here.inside(early.sweep, job(tmp_path))
