"""DHCP clients of others against a real server; what they print, read."""

import pytest

from cloudboot import early
from cloudboot.dhcp.lease import Way
from cloudboot.ephemeral import programs
from cloudboot.ephemeral.network import Network
from cloudboot.settings import Settings
from cloudboot.userdata.config import Layer
from cloudboot.values import FileView
from tests import needs
from tests.ephemeral.servers import dnsmasq
from tests.namespaces import namespaces
from tests.test_early import job

OPTIONS = ["121,169.254.169.254/32,192.0.2.1,0.0.0.0/0,192.0.2.1", "26,1400", "6,192.0.2.53", "15,example",
           "119,a.example,b.example"]  # fmt: skip


@pytest.fixture
def tool(tmp_path, monkeypatch):
    at = tmp_path / "print-environment"
    at.write_bytes(programs.SCRIPT)
    at.chmod(0o700)
    monkeypatch.setattr(programs, "TOOL", str(at))
    monkeypatch.setattr(programs, "LEASES", str(tmp_path / "leases"))
    monkeypatch.setattr(programs, "PID", str(tmp_path / "pid"))


def asked(here, name, look=lambda network: None):
    def go():
        with Network(FileView(), lambda kept: None, lambda what: None, total=20, program=name) as network:
            found = [(network.lease, look(network)) for _ in range(9) if network.next(False)]
            return found, network.why

    return here.inside(go)


@pytest.mark.parametrize("name", programs.NAMES)
def test_another_client_gets_the_lease_and_leaves_nothing(name, tool, tmp_path):
    needs.program(name)
    with namespaces() as (here, there):
        here.wire(there)
        dnsmasq(there, options=OPTIONS)
        before = here.picture()
        ((lease, routes),), _ = asked(here, name, lambda network: here.run("ip -4 route"))
        assert (lease.interface, lease.prefix, lease.server, lease.seconds) == ("eth0", 24, "192.0.2.1", 600)
        assert lease.routes == (Way("169.254.169.254", 32, "192.0.2.1"), Way("0.0.0.0", 0, "192.0.2.1"))
        assert (lease.dns, lease.domain, lease.search, lease.mtu) == (
            ("192.0.2.53",), "example", ("a.example", "b.example"), 1400
        )  # fmt: skip
        assert "169.254.169.254 via 192.0.2.1" in routes
        assert here.picture() == before
        assert f"-pf {tmp_path}" not in here.run("ps ax")


@pytest.mark.parametrize("name", ["dhclient", "udhcpc"])
def test_where_no_server_answers_it_is_given_up_in_time_and_told(name, tool, monkeypatch):
    needs.program(name)
    monkeypatch.setattr(programs, "SECONDS", 0.5)
    monkeypatch.setattr(programs, "PID_SECONDS", 0.1)
    with namespaces() as (here, there):
        here.wire(there)
        before = here.picture()
        assert asked(here, name) == ([], f"{name} gets no lease on eth0")
        assert here.picture() == before


@pytest.mark.parametrize(("text", "known"), [
    ("ip=192.0.2.9\nmask=24\nsubnet=255.255.255.0\nrouter=192.0.2.1\n", True),
    ("ip=192.0.2.9; reboot\n", False),
    ("ip=127.0.0.1\n", False),
    ("ip=192.0.2.999\n", False),
    ("ip=\n", False),
    ("", False),
    ("reason=FAIL\nnew_ip_address=192.0.2.9\n", True),
    ("ip=192.0.2.9\nstaticroutes=x/y z\nmtu=many\nlease=-1\ndns=a b\nsearch=" + "x" * 300 + "\nopt245=zz\n", True),
])  # fmt: skip
def test_what_a_client_prints_is_believed_no_more_than_a_server(text, known):
    assert (programs._lease(programs._environment(text), "eth0") is not None) is known


def test_of_the_clients_that_are_wanted_the_first_that_is_there_is_taken(tmp_path, monkeypatch):
    (tmp_path / "udhcpc").write_text("")
    monkeypatch.setattr(programs, "PATH", str(tmp_path))
    assert programs.chosen(["dhcpcd", "udhcpc"]) == "udhcpc"
    assert programs.chosen(["cloudboot", "udhcpc"]) == ""
    assert programs.chosen(["dhcpcd", "rm"]) == ""


@pytest.mark.parametrize(("file", "name"), [("/etc/cloudboot/cloudboot.cfg", "udhcpc"), ("/etc/cloud/cloud.cfg", "")])
def test_only_cloudboots_own_configuration_names_another_client(file, name, tmp_path, monkeypatch):
    (tmp_path / "udhcpc").write_text("")
    monkeypatch.setattr(programs, "PATH", str(tmp_path))
    wanted = {"system_info": {"network": {"dhcp_client_priority": ["dhclient", "udhcpc"]}}}
    made = job(tmp_path)
    made.settings = Settings(layers=(Layer("a layer", wanted, file),))
    assert early.program(made) == name
    assert (tmp_path / "var/lib/cloudboot/print-environment").exists() is bool(name)
