"""What single clouds are told at the end of a stage, beyond Azure and Rackspace, which have tests of their own."""

import json

import pytest

from cloudboot import tell
from cloudboot.clouds import vmware_back
from cloudboot.errors import Unreachable
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.door import System
from cloudboot.values import Instance
from datasources import (
    cloudstack,
    exoscale,
    lxd,
    opennebula,
    rbxcloud,
    scaleway,
    smartos,
    vmware,  # fmt: skip
)
from tests.clouds import host, probe
from tests.datasources import test_lxd, test_smartos, test_vmware
from tests.kit import Machine
from tools.mock_cloud import clouds
from tools.mock_cloud.lines import smartos as zone
from tools.mock_cloud.server import Answer, Server


class Speaking(Machine):
    """A machine whose words reach their server."""

    def perform(self, action):
        if isinstance(action, actions.Tell):
            return Outcome(True, stdout=tell.tell(host(), action.but(seconds=1.0), lambda what, since: None))
        return super().perform(action)


@pytest.fixture
def machine(tmp_path):
    return Speaking(tmp_path / "machine")


def say(source, name, machine, asked, instance):
    """The signal of this name, if there is anything to say."""
    for signal in source.DATASOURCE.signals:
        if signal.name == name and signal.due(instance):
            signal.say(System(machine), asked, instance)


class Heard:
    """A cloud that answers all with ``status``."""

    def __init__(self, status=200):
        self.status, self.told = status, []

    def __call__(self, request):
        self.told.append((f"{request.method} {request.path}", request.body))
        self.headers = request.headers
        return Answer(self.status)


def at(server, **about):
    place = server.url[len("unix://") :] if server.url.startswith("unix") else server.url
    return Instance("i-1", subplatform=f"metadata ({place})", **about)


# a machine is up


def test_scaleway_hears_that_a_machine_has_booted(machine):
    cloud = Heard()
    with Server(cloud) as server:
        say(scaleway, "booted", machine, probe(host(), server), at(server))
    assert cloud.told == [("PATCH /state", b'{"state_detail":"booted"}')]


def test_lxd_hears_that_an_instance_is_ready(machine, tmp_path):
    found, _ = test_lxd.fetched(tmp_path)
    cloud = Heard()
    with Server(cloud, unix=str(tmp_path / "sock")):
        say(lxd, "ready", machine, probe(host()), found)
    assert [(what, json.loads(body)) for what, body in cloud.told] == [("PATCH /1.0", {"state": "Ready"})]


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_an_older_lxd_need_not_care(machine, tmp_path, status):
    with Server(Heard(status), unix=str(tmp_path / "sock")) as server:
        say(lxd, "ready", machine, probe(host()), at(server))


def test_a_cloud_that_is_silent_is_an_error(machine):
    with pytest.raises(Unreachable):
        say(scaleway, "booted", machine, probe(host()), Instance("i", subplatform="metadata (http://127.0.0.1:9)"))


def test_opennebula_hears_that_a_machine_is_ready_where_its_context_asks_for_that(machine):
    cloud = Heard()
    seed = "/var/lib/cloud/seed/opennebula"
    with Server(cloud) as server:
        context = f"REPORT_READY='YES'\nVMID='7'\nONEGATE_ENDPOINT='{server.url}'\n".encode()
        asked = probe(host({f"{seed}/context.sh": context, f"{seed}/token.txt": b"TOKEN\n"}))
        say(opennebula, "ready", machine, asked, opennebula.fetch(asked))
        quiet = probe(host({f"{seed}/context.sh": context.replace(b"YES", b"NO")}))
        say(opennebula, "ready", machine, quiet, opennebula.fetch(quiet))
    assert cloud.told == [("PUT /vm", b"READY=YES")]
    assert (cloud.headers["x-onegate-token"], cloud.headers["x-onegate-vmid"]) == ("TOKEN", "7")


# passwords


@pytest.mark.parametrize(("source", "cloud"), [(cloudstack, clouds.cloudstack), (exoscale, clouds.exoscale)])
def test_a_password_is_acknowledged_when_it_is_set_and_one_that_comes_later_is_set(machine, source, cloud):
    notes, served = {}, cloud("one")
    with Server(served) as server:
        asked = probe(host(), server, password_server_port=server.port).but(
            notes=notes, remember=notes.__setitem__, user="debian"
        )
        found = source.fetch(asked)
        assert found.config["password"] == "one"
        say(source, "password", machine, asked, found)
        assert source.fetch(asked).config == {}, "the server gives it no longer"
        assert machine.commands == [], "a module has set it"
        say(source, "password", machine, asked, source.fetch(asked))
        served.password = "two"
        say(source, "password", machine, asked, source.fetch(asked))
    (command,) = [a for a in machine.actions if isinstance(a, actions.Run)]
    assert (command.argv[0], command.stdin.reveal()) == ("chpasswd", "debian:two\n")
    assert served.password in ("", "saved_password")


# SmartOS, Rootbox


def test_a_zone_says_in_its_files_that_it_has_come_up(machine):
    machine.put("/var/svc/provisioning", "")
    told = Instance("i", subplatform="socket (/native/.zonecontrol/metadata.sock)")
    say(smartos, "provisioned", machine, probe(host()), told)
    assert (machine.text("/var/svc/provision_success"), machine.text("/var/svc/provisioning")) == ("", None)
    say(smartos, "provisioned", machine, probe(host()), told)


def test_what_smartos_calls_user_data_is_the_owners_programs(machine, monkeypatch):
    monkeypatch.setattr(smartos, "QUIET_SECONDS", 0.001)
    say(smartos, "user_data", machine, probe(host()), test_smartos.fetched(zone()))
    assert machine.text("/var/db/mdata-user-data") == "for the owner"
    assert machine.mode("/var/db/mdata-user-data") == 0o600


def test_routers_hear_whose_an_address_is_now(tmp_path, monkeypatch):
    machine = Machine(tmp_path, tools=("arping",), answers={"arping -c 2 -s": 2})
    network = {"version": 1, "config": [{"subnets": [{"address": "10.0.0.5/24", "gateway": "10.0.0.1"}]}]}
    say(rbxcloud, "addresses", machine, probe(host()), Instance("i", network=network))
    assert [c for c in machine.commands if " -S " in c] == [
        f"arping -c 2 -S 10.0.0.5 10.0.0.{last}" for last in (1, 3, 4)
    ]
    monkeypatch.setattr(rbxcloud, "ANNOUNCE_SECONDS", 0.0)  # it takes too long
    slow = Machine(tmp_path / "slow", tools=("arping",))
    say(rbxcloud, "addresses", slow, probe(host()), Instance("i", network=network))
    assert slow.commands == []
    bare = Machine(tmp_path / "bare")
    say(rbxcloud, "addresses", bare, probe(host()), Instance("i", network=network))
    assert bare.commands == []


@pytest.mark.parametrize(("address", "gateway"), [("-h/24", "10.0.0.1"), ("10.0.0.5/24", "-h.0.0.1")])
def test_an_address_of_the_disc_is_no_option_of_a_program(tmp_path, address, gateway):
    machine = Machine(tmp_path, tools=("arping",))
    network = {"version": 1, "config": [{"subnets": [{"address": address, "gateway": gateway}]}]}
    say(rbxcloud, "addresses", machine, probe(host()), Instance("i", network=network))
    assert machine.commands == []


# VMware


def guest(tmp_path, **answers):
    return Machine(tmp_path / "guest", tools=("vmware-rpctool", "vmtoolsd"), answers=answers)


def test_vsphere_hears_the_addresses_and_forgets_what_the_owner_wants_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(vmware_back, "own_address", lambda there: "" if ":" in there else "10.0.0.5")
    machine = guest(tmp_path)
    data = {"metadata": "instance-id: vm-1\nredact: [userdata, other]\n", "userdata": "#cloud-config\n"}
    first = test_vmware.fetched(test_vmware.guest(data))
    say(vmware, "guestinfo", machine, probe(host()), first)
    assert machine.commands == [
        "vmware-rpctool info-set guestinfo.userdata ---",
        "vmware-rpctool info-set guestinfo.userdata.encoding  ",
        "vmware-rpctool info-set guestinfo.local-ipv4 10.0.0.5",
    ]
    blank = test_vmware.guest({"metadata": data["metadata"]})
    settings = {"vmware_cust_file_max_wait": 0}
    assert vmware.fetch(probe(blank, **settings).but(known=first)).user_data == b"#cloud-config\n"
    assert vmware.fetch(probe(blank, **settings).but(known=first.but(id="vm-2"))).user_data == b""


def test_the_second_tool_is_asked_where_the_first_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(vmware_back, "own_address", lambda there: "10.0.0.5")
    machine = guest(tmp_path, **{"vmware-rpctool": 1})
    vmware_back.publish(System(machine), Instance("i", subplatform="vmware (guestinfo)"))
    assert "vmtoolsd --cmd info-set guestinfo.local-ipv4 10.0.0.5" in machine.commands


def test_a_customization_that_was_carried_out_is_told_of_and_its_password_gone(tmp_path):
    machine = guest(tmp_path)
    machine.put("/run/vmware-imc/cust.cfg", "x")
    files = {**test_vmware.TOOLS, **test_vmware.ALLOWED,
             test_vmware.SPEC: test_vmware.CUST + b"[PASSWORD]\n-PASS = cGFzcwo=\nRESET = yes\n"}  # fmt: skip
    found = test_vmware.fetched(test_vmware.guest(files=files))
    assert found.config["chpasswd"] == {
        "expire": True,
        "users": [{"name": "root", "password": "pass", "type": "text"}],
    }
    say(vmware, "customized", machine, probe(host()), found)
    assert machine.commands == ["vmware-rpctool deployPkg.update.state 5 0 /var/log/cloudboot.log"]
    assert machine.text("/run/vmware-imc/cust.cfg") is None


def test_an_own_address_is_one_that_leads_out():
    assert vmware_back.own_address("127.0.0.1") == "127.0.0.1"


def test_values_in_base64_are_decoded_where_the_owner_says_so(monkeypatch):
    monkeypatch.setattr(smartos, "QUIET_SECONDS", 0.001)
    plain = b"#cloud-config\n{}\n"
    packed = "I2Nsb3VkLWNvbmZpZwp7fQo="
    for more in ({"base64_all": "true"}, {"base64_keys": "other, cloud-init:user-data"},
                 {"b64-cloud-init:user-data": "true"}):  # fmt: skip
        cloud = zone()
        cloud.values.update({"cloud-init:user-data": packed, **more})
        found = test_smartos.fetched(cloud)
        assert found.user_data == plain
        assert found.ssh_keys == ("ssh-rsa A a",)
