"""The agent's units among other people's: all boot in the order that was meant, no job is dropped from a cycle."""

import pytest

from tests.nspawn.conftest import NETWORKS, SEED, with_ifupdown
from tools.boots.container import Container

pytestmark = pytest.mark.nspawn
AGENT = [f"cloudboot-{s}.service" for s in ("local", "access", "network", "config", "final")]
RUN = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"
SNAPD = {  # how snapd orders itself: early profiles, mounts, a socket in sockets.target, seeding before the last stage
    "snapd.apparmor.service": "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\nAfter=local-fs.target\n" + RUN,
    "snapd.mounts-pre.target": "[Unit]\nDefaultDependencies=no\n",
    "snapd.socket": "[Socket]\nListenStream=/run/snapd.socket\n[Install]\nWantedBy=sockets.target\n",
    "snapd.service": "[Unit]\nRequires=snapd.socket\nAfter=snapd.socket network-online.target\n"
    "Wants=network-online.target\n" + RUN,
    "snapd.seeded.service": "[Unit]\nAfter=snapd.service\nRequires=snapd.socket\nBefore=cloudboot-final.service\n"
    + RUN,
}
STORAGE = {  # remote storage and firewalls: early, and tied to the network from both sides
    "iscsid.socket": "[Socket]\nListenStream=@ISCSI\n[Install]\nWantedBy=sockets.target\n",
    "iscsid.service": "[Unit]\nDefaultDependencies=no\nAfter=network.target\nBefore=remote-fs-pre.target\n" + RUN,
    "open-iscsi.service": "[Unit]\nDefaultDependencies=no\nWants=network-online.target remote-fs-pre.target\n"
    "After=network-online.target iscsid.service\nBefore=remote-fs-pre.target\n" + RUN,
    "srv-far.mount": "[Unit]\nAfter=remote-fs-pre.target network-online.target\nBefore=remote-fs.target\n"
    "[Mount]\nWhat=tmpfs\nWhere=/srv/far\nType=tmpfs\nOptions=_netdev\n[Install]\nWantedBy=remote-fs.target\n",
    "firewall.service": "[Unit]\nWants=network-pre.target\nBefore=network-pre.target\nAfter=dbus.service\n" + RUN,
    "audit.service": "[Unit]\nDefaultDependencies=no\nAfter=local-fs.target\nBefore=sysinit.target\n" + RUN,
}
LATE = {  # a socket that wants the network first, of which there are some: it pulls network-online before basic.target
    "late.socket": "[Unit]\nAfter=network-online.target\nWants=network-online.target\n"
    "[Socket]\nListenStream=/run/late\nService=late.service\n[Install]\nWantedBy=sockets.target\n",
    "late.service": RUN,
}
CONNECTION = (
    "[connection]\nid=eth0\ntype=ethernet\ninterface-name=eth0\n"
    "[ipv4]\nmethod=manual\naddress1=192.0.2.2/24\n[ipv6]\nmethod=disabled\n"
)
MIXES = {
    "ifupdown": ("ifupdown", {}),
    "networkd": ("networkd", {}),
    "network-manager": ("network-manager", {}),
    "ifupdown-snapd": ("ifupdown", SNAPD),
    "network-manager-snapd-storage": ("network-manager", {**SNAPD, **STORAGE}),
    "networkd-storage": ("networkd", STORAGE),
    "networkd-late": ("networkd", LATE),
}


def boots_with(container, network, units):
    for name in set(NETWORKS) - {network}:
        container.mask(*NETWORKS[name])
    if network == "networkd":
        container.put(
            "/etc/systemd/network/eth0.network",
            "[Match]\nName=eth0\n[Network]\nAddress=192.0.2.2/24\nIPv6AcceptRA=no\nLinkLocalAddressing=no\n",
        )
        container.enable("systemd-networkd.service", "multi-user.target")
        container.enable("systemd-networkd-wait-online.service", "network-online.target")
    if network == "network-manager":
        container.put("/etc/NetworkManager/system-connections/eth0.nmconnection", CONNECTION, 0o600)
    for name, text in units.items():
        container.put(f"/etc/systemd/system/{name}", text)
        target = "sockets.target" if name.endswith(".socket") else "multi-user.target"
        container.enable(name, target)
    container.seed(SEED)
    return container.boot(limit=90)


@pytest.mark.parametrize("mix", MIXES)
def test_every_mix_of_services_boots_in_order_and_without_a_cycle(mix, layers, tmp_path):
    report = boots_with(Container(layers, tmp_path), *MIXES[mix])
    assert cycles(report) == []
    assert report.failed == []
    local, access, network, config, final = AGENT
    before(report, local, "network-pre.target")
    before(report, "network-pre.target", NETWORKS[MIXES[mix][0]][0], network)
    before(report, network, "network-online.target", config, final)
    before(report, network, "ssh.service")
    before(report, local, access, "systemd-user-sessions.service")
    before(report, "multi-user.target", final)


def test_without_a_journal_the_boot_is_made_all_the_same(layers, tmp_path):
    container = with_ifupdown(layers, tmp_path)
    container.mask("systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket",
                   "systemd-journald-audit.socket", "systemd-journal-flush.service")  # fmt: skip
    container.seed({**SEED, "user-data": "#cloud-config\nruncmd: [echo done >/opt/reached]\n"})
    report = container.boot(limit=90)
    assert report.read("/opt/reached") == "done\n"
    assert report.text("status-code.txt").strip() == "0"
    assert report.unit("ssh.service")["ActiveState"] == "active"


def test_an_ordering_cycle_is_seen_where_there_is_one(layers, tmp_path):
    container = Container(layers, tmp_path)
    loop = "[Unit]\nBefore=cloudboot-local.service\nAfter=cloudboot-network.service\n" + RUN
    report = boots_with(container, "ifupdown", {"loop.service": loop})
    assert cycles(report)


def cycles(report):
    return [line for line in (report.journal + report.console).splitlines() if "ordering cycle" in line.lower()]


def before(report, *units):
    """These became active, in this order."""
    assert report.order(*units) == list(units)
