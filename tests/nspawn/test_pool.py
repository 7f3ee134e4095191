"""A machine of a pool of Azure's whose owner comes when the time that its unit may take is long over, and one whose
agent hangs before he comes."""

import re
import threading
from pathlib import Path

import pytest

from tests.datasources.test_azure_pool import ROUTES, until
from tests.ephemeral.servers import dnsmasq
from tests.namespaces import namespaces
from tests.nspawn.conftest import with_ifupdown
from tools.boots.container import MAC
from tools.mock_cloud.azure import Azure, environment, instance
from tools.mock_cloud.server import Server

pytestmark = pytest.mark.nspawn
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx owner@example"
USER_DATA = b"""#cloud-config
ssh_genkeytypes: [ed25519]
write_files: [{path: /etc/demo/app.conf, content: listen = 8080}]
runcmd: [echo run >>/var/tmp/runcmd]
"""
UNITS = Path(__file__).resolve().parents[2] / "systemd"
UNIT_SECONDS, ASKED = 12, 20  # the machine asks for its owner once a second
SHORT = f"[Service]\nTimeoutStartSec={UNIT_SECONDS}\n"
LATER = ("access", "network", "config", "final")
WATCH = """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh /etc/watch
"""
LOOK = """cd /var/tmp
until cloudboot status --long 2>&1 | tee waiting.txt | grep -Eq "owner.*since 1[4-9] s"; do sleep 1; done
systemctl show -p ActiveState cloudboot-local.service cloudboot-network.service >>waiting.txt
"""
HANG = """until cloudboot status --long 2>&1 | grep -q "waiting for an owner"; do sleep 0.2; done
systemctl kill --signal=STOP --kill-who=main cloudboot.service
"""


class Pool(Azure):
    """Gives the machine to its owner when it has asked for him so often."""

    asked = 0

    def __call__(self, request):
        if request.path == "/metadata/reprovisiondata":
            self.asked += 1
            if self.asked == ASKED:
                self.instance["extended"]["compute"]["ppsType"] = "None"
                self.reprovision = environment("owner-07", "owner", custom_data=USER_DATA, keys=(KEY,))
        return super().__call__(request)


def pool():
    cloud = Pool(instance("owner-07", macs=(MAC,), keys=(KEY,)))
    cloud.instance["extended"]["compute"]["ppsType"] = "Running"
    cloud.instance["compute"]["osProfile"]["adminUsername"] = "owner"
    cloud.instance["network"]["interface"][0]["ipv6"]["ipAddress"] = []
    return cloud


def booted(layers, folder, watch, settings, limit=120):
    """What became of the boot, and the pool. ``watch`` is a script that runs meanwhile, ``settings`` by stage are what
    its unit has in place of its own."""
    container = with_ifupdown(layers, folder)
    container.put("/etc/cloudboot/cloudboot.cfg.d/90-pool.cfg", "datasource_list: [Azure, None]\n")
    for stage, text in settings.items():
        container.put(f"/etc/systemd/system/cloudboot-{stage}.service.d/short.conf", text)
    container.put("/etc/systemd/system/watch.service", WATCH)
    container.put("/etc/watch", watch)
    container.enable("watch.service", "sysinit.target")
    cloud = pool()
    with namespaces() as (here, there):
        here.wire(there, mac=MAC)
        for address in ("169.254.169.254", "168.63.129.16"):
            there.run(f"ip addr add {address}/32 dev lo")
        dnsmasq(there, options=[ROUTES, "245,168.63.129.16"])

        def move():
            until(lambda: cloud.health, 60)
            there.run("ip link set srv0 down")
            there.run("ip link set srv0 up")

        imds, wire = (there.inside(lambda at=at: Server(cloud, at, 80)) for at in ("169.254.169.254", "168.63.129.16"))
        with imds, wire:
            mover = threading.Thread(target=move)
            mover.start()
            report = container.boot(limit=limit, network=here.path)
            mover.join()
    return report, cloud


@pytest.fixture(scope="module")
def boot(layers, tmp_path_factory):
    return booted(layers, tmp_path_factory.mktemp("pool"), LOOK, {"local": SHORT})


def test_no_unit_runs_out_of_time_while_the_machine_waits_for_its_owner(boot):
    report, _ = boot
    assert (report.end, report.failed) == ("off", [])
    assert report.unit("cloudboot-local.service")["Result"] == "success"
    assert report.text("status-code.txt").strip() == "0", report.text("status.txt")


def test_meanwhile_the_status_says_what_is_waited_for_and_since_when(boot):
    text = boot[0].read("/var/tmp/waiting.txt")
    assert "status: running" in text
    since = re.search(r"detail: waiting for an owner for this machine of a pool, since (\d+) s", text)
    assert int(since[1]) > UNIT_SECONDS
    assert re.findall("ActiveState=(.*)", text) == ["activating", "inactive"]


def test_the_machine_is_its_owners_in_the_end(boot):
    report, cloud = boot
    assert report.status["instance_id"] == cloud.instance["compute"]["vmId"]
    assert report.text("hostname.txt").strip() == "owner-07"
    assert KEY in report.read("/home/owner/.ssh/authorized_keys").splitlines()
    assert report.read("/etc/demo/app.conf") == "listen = 8080"
    assert report.read("/var/tmp/runcmd") == "run\n"
    assert 22 in report.listening


def test_the_platform_hears_of_the_machine_once_in_the_pool_and_once_when_it_is_its_owners(boot):
    assert [state for state, *_ in boot[1].health] == ["Ready", "Ready"]


def test_an_agent_that_hangs_while_it_waits_holds_no_unit_for_longer_than_its_time(layers, tmp_path):
    (command,) = re.findall("ExecStart=.*", (UNITS / "cloudboot-local.service").read_text())
    short = re.sub("(EXTEND_TIMEOUT_USEC)=[0-9]+", rf"\1={UNIT_SECONDS}000000", command)
    settings = {"local": f"{SHORT}ExecStart=\n{short}\n", **dict.fromkeys(LATER, "[Service]\nTimeoutStartSec=3\n")}
    report, _ = booted(layers, tmp_path, HANG, settings, limit=90)
    assert report.end == "off"
    assert report.unit("cloudboot-local.service")["Result"] == "timeout"
    assert "waiting for an owner for this machine of a pool" in report.text("status.txt")
