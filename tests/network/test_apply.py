import json

import pytest

from cloudboot.network.apply import RECORD, Choice, apply_names, apply_network, in_use
from cloudboot.network.nics import named_nics, nics_of
from cloudboot.network.source import Source
from cloudboot.system.actions import Outcome, Remove
from cloudboot.system.door import System
from cloudboot.values import Host
from tests import kit

ENI = {**{f"/usr/sbin/{p}": "" for p in ("ifquery", "ifup", "ifdown", "ip")},
       "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n"}  # fmt: skip
NETPLAN = {"/usr/sbin/netplan": "", "/usr/bin/udevadm": ""}
BOOTED = {"/run/systemd/system/x": ""}
NETWORKD = "systemd-networkd.service systemd-networkd-wait-online.service"
FILE = "/etc/network/interfaces.d/50-cloudboot"


def nic(name, mac, flags="0x1002", **more):
    files = {"address": mac, "flags": flags, "uevent": f"INTERFACE={name}\n", **more}
    return {f"/sys/class/net/{name}/{k}": v + "\n" for k, v in files.items()}


def dhcp(*names):
    return Source("datasource", {"version": 2, "ethernets": {name: {"dhcp4": True} for name in names}})


def go(machine, source, choice=None, os="debian", cmdline=""):
    system = System(machine)
    apply_network(system, source, Host(os=kit.DISTROS[os], cmdline=cmdline), choice or Choice())
    return system


def test_the_files_are_written_and_early_in_a_boot_nothing_is_run(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    assert go(machine, dhcp("eth0")).notes == []
    assert "iface eth0 inet dhcp" in machine.text(FILE)
    assert machine.commands == []


def test_ifupdown_is_not_made_to_wait_for_a_dhcpv6_server_that_nobody_promised(tmp_path):
    both = {"version": 2, "ethernets": {"eth0": {"dhcp4": True, "dhcp6": True}}}
    for name, inet6 in (("fallback", False), ("datasource", True)):
        machine = kit.Machine(tmp_path / name, files=ENI)
        go(machine, Source(name, both))
        assert "iface eth0 inet dhcp" in machine.text(FILE)
        assert ("iface eth0 inet6 dhcp" in machine.text(FILE)) is inet6


def test_ifupdown_gets_the_hooks_that_its_file_needs(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, Source("datasource", {"version": 2, "ethernets": {"eth0": {"accept-ra": False, "dhcp4": True}}}))
    assert "accept-ra 0" in machine.text(FILE)
    assert machine.mode("/etc/network/if-pre-up.d/cloudboot-accept-ra") == 0o755


def test_a_running_ifupdown_takes_down_what_it_has_and_brings_up_the_rest(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/run/network/ifstate": "lo=lo\neth0=eth0\n"})
    go(machine, dhcp("eth0", "eth1"))
    assert machine.commands == ["ifdown eth0", "ifup eth0", "ifup eth1"]


def test_an_interface_that_came_after_ifupdown_had_started_is_brought_up(tmp_path):
    machine = kit.Machine(
        tmp_path, files={**ENI, **BOOTED}, answers={"systemctl is-active --quiet networking.service": ""}
    )
    go(machine, dhcp("eth0"))
    assert machine.commands == ["ifup eth0"]


def test_before_ifupdown_has_started_it_does_it_all_itself(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, dhcp("eth0"))
    assert machine.commands == []


def test_links_are_not_brought_up_where_the_image_says_so(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/run/network/ifstate": "eth0=eth0\n"})
    go(machine, dhcp("eth0"), Choice(activation=False))
    assert machine.commands == []


def test_netplan_generates_and_udev_sees_to_the_links(tmp_path):
    machine = kit.Machine(tmp_path, files={**NETPLAN, **nic("eth0", "02:00:00:00:00:01")})
    go(machine, dhcp("eth0"))
    assert machine.mode("/etc/netplan/50-cloudboot.yaml") == 0o600
    assert machine.commands == ["netplan generate", "udevadm test-builtin net_setup_link /sys/class/net/eth0"]


def test_without_names_of_udevs_making_udev_is_not_asked(tmp_path):
    machine = kit.Machine(tmp_path, files={**NETPLAN, **nic("eth0", "02:00:00:00:00:01")})
    go(machine, dhcp("eth0"), cmdline="ro net.ifnames=0")
    assert machine.commands == ["netplan generate"]


def test_a_running_networkd_is_told_through_netplan(tmp_path):
    machine = kit.Machine(
        tmp_path, files={**NETPLAN, **BOOTED}, answers={"systemctl is-active --quiet systemd-networkd.service": ""}
    )
    go(machine, dhcp("eth0"))
    assert machine.commands[-1] == "netplan apply"


def test_written_again_nothing_is_run(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/run/network/ifstate": "eth0=eth0\n"})
    go(machine, dhcp("eth0"))
    ran = len(machine.commands)
    go(machine, dhcp("eth0"))
    assert len(machine.commands) == ran


def test_a_file_that_was_edited_is_left_and_named(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, dhcp("eth0"))
    machine.put(FILE, "# mine\n")
    assert go(machine, dhcp("eth1")).notes == [f"{FILE} was edited since it was written; it is left as it is"]
    assert machine.text(FILE) == "# mine\n"
    assert go(machine, dhcp("eth2")).notes != [], "and again at the next instance"


def test_a_file_that_was_edited_is_written_anew_where_the_image_says_so(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, dhcp("eth0"))
    machine.put(FILE, "# mine\n")
    notes = go(machine, dhcp("eth1"), Choice(replaces=True)).notes
    assert notes == [f"{FILE} was edited since it was written; it is written anew"]
    assert "eth1" in machine.text(FILE)
    assert go(machine, dhcp("eth1")).notes == []


def test_a_file_that_was_there_before_is_ours_to_write(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, FILE: "# from the image\n"})
    assert go(machine, dhcp("eth0")).notes == []
    assert "eth0" in machine.text(FILE)


def test_a_power_cut_between_the_record_and_the_file_makes_no_edit_of_it(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, dhcp("eth0"))
    machine.actions.clear()
    machine.stop_at = 2
    machine.stop_before = True
    try:
        go(machine, dhcp("eth1"))
    except kit.Stop:
        pass
    machine.stop_at = 0
    assert "eth0" in machine.text(FILE)
    assert go(machine, dhcp("eth2")).notes == []
    assert "eth2" in machine.text(FILE)


def test_files_of_an_earlier_description_go_unless_somebody_edited_them(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/etc/a": "ours", "/etc/b": "theirs now"})
    digests = {"/etc/a": ["bc523aefcc7aae70a97d4ed799d2ad81a1bed94c9f6f9ae8d0a7a2a2b3ee7aa9"], "/etc/b": ["0"]}
    import hashlib

    digests["/etc/a"] = [hashlib.sha256(b"ours").hexdigest()]
    machine.put(RECORD, json.dumps({"files": digests}))
    system = go(machine, dhcp("eth0"))
    assert machine.text("/etc/a") is None
    assert machine.text("/etc/b") == "theirs now"
    assert system.notes == ["/etc/b was edited since it was written; it is left as it is"]


def test_an_interfaces_file_that_reads_no_folder_is_made_to(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/etc/network/interfaces": "auto eth0\niface eth0 inet dhcp"})
    system = go(machine, dhcp("eth0"))
    assert machine.text("/etc/network/interfaces").endswith("dhcp\nsource /etc/network/interfaces.d/*\n")
    assert system.notes == ["/etc/network/interfaces configures eth0 too; take it out there if it is not meant"]


def test_a_folder_read_by_ending_gets_a_file_with_that_ending(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, "/etc/network/interfaces": "source interfaces.d/*.cfg\n"})
    go(machine, dhcp("eth0"), os="ubuntu")
    assert machine.text(FILE + ".cfg") is not None


def test_alpine_has_one_file(tmp_path):
    machine = kit.Machine(tmp_path, files=ENI)
    go(machine, dhcp("eth0"), os="alpine")
    assert "iface eth0 inet dhcp" in machine.text("/etc/network/interfaces")


def test_a_machine_without_any_manager_is_left_as_it_is(tmp_path):
    machine = kit.Machine(tmp_path)
    assert go(machine, dhcp("eth0")).notes == [
        "nothing that manages networks is installed here; the network is left as it is"
    ]
    assert machine.actions == []


def test_an_interface_is_renamed_and_a_link_file_keeps_the_name(tmp_path):
    files = {**ENI, **nic("eth0", "02:00:00:00:00:01"), "/run/systemd/system/x": ""}
    machine = kit.Machine(tmp_path, files=files)
    config = [{"type": "physical", "name": "lan0", "mac_address": "02:00:00:00:00:01", "subnets": [{"type": "dhcp"}]}]
    go(machine, Source("datasource", {"version": 1, "config": config}))
    assert machine.commands == ["ip link set dev eth0 name lan0"]
    link = machine.text("/etc/systemd/network/10-cloudboot-lan0.link")
    assert link.endswith("[Match]\nMACAddress=02:00:00:00:00:01\nType=ether\n\n[Link]\nName=lan0\n")


def test_an_interface_that_is_not_there_is_waited_for_and_named(tmp_path):
    asked = []

    def settle(machine, argv):
        asked.append(argv)
        if len(asked) == 2:
            for path, text in nic("eth0", "02:00:00:00:00:01").items():
                machine.put(path, text)

    machine = kit.Machine(tmp_path, files=ENI, answers={"udevadm settle": settle})
    config = [{"type": "physical", "name": f"eth{i}", "mac_address": f"02:00:00:00:00:0{i + 1}"} for i in (0, 1)]
    system = go(machine, Source("datasource", {"version": 1, "config": config}))
    assert system.notes == ["no interface of this machine has the MAC address 02:00:00:00:00:02"]
    assert len(asked) == 6  # once for the names, and five times for the one that is not there


def test_names_are_udevs_before_they_are_used(tmp_path):
    def settle(machine, argv):
        for path, text in nic("ens3", "02:00:00:00:00:01", name_assign_type="4").items():
            machine.put(path, text)

    files = nic("lo", "00:00:00:00:00:00", name_assign_type="2")
    machine = kit.Machine(tmp_path / "a", files=files, answers={"udevadm settle": settle})
    assert [n.name for n in named_nics(System(machine), "")] == ["ens3", "lo"]
    eth0 = {**files, **nic("eth0", "02:00:00:00:00:01", name_assign_type="1")}
    machine = kit.Machine(tmp_path / "b", files=eth0, answers={"udevadm settle": settle})
    assert [n.name for n in named_nics(System(machine), "quiet net.ifnames=0")] == ["eth0", "lo"]
    assert [n.name for n in named_nics(System(machine), "quiet")] == ["ens3", "eth0", "lo"]


def test_an_interface_is_renamed_by_the_name_that_udev_gave_it(tmp_path):
    def settle(machine, argv):
        machine.live.perform(Remove("/sys/class/net/eth0", tree=True))
        for path, text in nic("ens3", "02:00:00:00:00:01", name_assign_type="4").items():
            machine.put(path, text)

    files = {**ENI, **nic("eth0", "02:00:00:00:00:01", name_assign_type="1")}
    machine = kit.Machine(tmp_path, files=files, answers={"udevadm settle": settle, "ip -j address": "[]"})
    config = [{"type": "physical", "name": "lan0", "mac_address": "02:00:00:00:00:01"}]
    go(machine, Source("datasource", {"version": 1, "config": config}))
    assert "ip link set dev ens3 name lan0" in machine.commands


def test_a_pattern_is_resolved_for_a_program_that_knows_names_only(tmp_path):
    machine = kit.Machine(
        tmp_path, files={**ENI, **nic("ens3", "02:00:00:00:00:01"), **nic("wlan0", "02:00:00:00:00:02")}
    )
    go(machine, Source("datasource", {"version": 2, "ethernets": {"all": {"match": {"name": "en*"}, "dhcp4": True}}}))
    assert "iface ens3 inet dhcp" in machine.text(FILE)
    assert "all" not in machine.text(FILE).partition("auto lo")[2]


def test_only_names_are_seen_to_when_asked(tmp_path):
    machine = kit.Machine(tmp_path, files={**ENI, **nic("eth0", "02:00:00:00:00:01", "0x1003")},
                          answers={"ip -j address": "[]"})  # fmt: skip
    config = [{"type": "physical", "name": "lan0", "mac_address": "02:00:00:00:00:01"}]
    apply_names(System(machine), Source("datasource", {"version": 1, "config": config}))
    assert machine.commands == [
        "ip link set dev eth0 down",
        "ip link set dev eth0 name lan0",
        "ip link set dev lan0 up",
    ]
    assert machine.text(FILE) is None


def test_a_link_is_in_use_with_any_ipv4_address_or_a_lasting_ipv6_one(tmp_path):
    def used(*addresses):
        answer = json.dumps([{"addr_info": list(addresses)}])
        return in_use(System(kit.Machine(tmp_path, answers={"ip -j address": answer})), "eth0")

    assert used({"family": "inet", "scope": "link"})
    assert used({"family": "inet6", "scope": "global"})
    assert not used({"family": "inet6", "scope": "global", "dynamic": True}, {"family": "inet6", "scope": "link"})
    assert in_use(System(kit.Machine(tmp_path)), "eth0"), "who cannot be asked is taken to be in use"


def test_interfaces_are_seen_as_the_kernel_shows_them(tmp_path):
    files = {**nic("eth0", "02:00:00:00:00:AA", "0x1003", carrier="1"),
             **nic("eth1", "02:00:00:00:00:aa", **{"bonding_slave/perm_hwaddr": "02:00:00:00:00:bb"}),
             "/sys/class/net/v5/uevent": "DEVTYPE=vlan\n", "/sys/class/net/bonding_masters": "bond0\n"}  # fmt: skip
    found = nics_of(System(kit.Machine(tmp_path, files=files)))
    assert [(n.name, n.mac, n.up, n.carrier, n.kind) for n in found] == [
        ("eth0", "02:00:00:00:00:aa", True, True, "physical"),
        ("eth1", "02:00:00:00:00:bb", False, False, "physical"),
        ("v5", "", False, False, "vlan"),
    ]


@pytest.mark.parametrize("enabled, ran", [
    ("disabled", [f"systemctl enable {NETWORKD}", f"systemctl --no-block start {NETWORKD}"]),
    ("enabled", []),
    ("masked", []),
])  # fmt: skip
def test_networkd_is_started_where_it_would_not_by_itself(tmp_path, enabled, ran):
    files = {"/usr/bin/ip": "", "/usr/bin/systemctl": "", "/run/systemd/system/x": ""}
    said = Outcome(False, int(enabled != "enabled"), f"{enabled}\n".encode())
    asked = {"systemctl is-enabled systemd-networkd.service": said}
    machine = kit.Machine(tmp_path, files=files, answers=asked)
    notes = go(machine, dhcp("eth0"), os="arch").notes
    assert [line for line in machine.commands if line.startswith("systemctl")] == ran
    assert any("masked" in note for note in notes) is (enabled == "masked")


def refuse(machine, argv):
    raise AssertionError(f"asked: {' '.join(argv)}")


def test_early_in_a_boot_systemd_is_not_asked_what_its_links_tell(tmp_path):
    wants = f"/etc/systemd/system/multi-user.target.wants/{NETWORKD.split()[0]}"
    files = {"/usr/bin/ip": "", "/usr/bin/systemctl": "", "/run/systemd/system/x": "", "/run/systemd/units/x": "",
             wants: ""}  # fmt: skip
    machine = kit.Machine(tmp_path, files=files, answers={"systemctl": refuse})
    assert go(machine, dhcp("eth0"), os="arch").notes == []
    assert machine.commands == []


def test_a_manager_that_was_started_takes_what_is_new(tmp_path):
    files = {"/usr/bin/ip": "", "/usr/bin/systemctl": "", "/run/systemd/system/x": "",
             "/run/systemd/units/invocation:systemd-networkd.service": ""}  # fmt: skip
    machine = kit.Machine(tmp_path, files=files, answers={"systemctl is-active": "", "systemctl is-enabled": ""})
    go(machine, dhcp("eth0"), os="arch")
    assert machine.commands == ["systemctl try-restart systemd-networkd.service systemd-resolved.service"]


def test_what_netplan_makes_for_networkd_starts_networkd_and_enables_nothing(tmp_path):
    def generate(machine, argv):
        machine.put("/run/systemd/network/10-netplan-eth0.network", "")
        return Outcome(True)

    said = Outcome(False, 1, b"disabled\n")
    asked = {"systemctl is-enabled systemd-networkd.service": said, "netplan generate": generate}
    machine = kit.Machine(tmp_path, files={**NETPLAN, "/run/systemd/system/x": ""}, answers=asked)
    go(machine, dhcp("eth0"))
    assert f"systemctl --no-block start {NETWORKD}" in machine.commands
    assert not any("enable" in line for line in machine.commands)


@pytest.mark.parametrize("programs, unit", [
    (("ip", "systemctl"), "systemd-networkd-wait-online.service"),
    (("ip", "systemctl", "nmcli"), "NetworkManager-wait-online.service"),
])  # fmt: skip
def test_where_every_interface_is_optional_the_boot_waits_for_none(tmp_path, programs, unit):
    there = {**{f"/usr/bin/{p}": "" for p in programs}, "/run/systemd/system/x": ""}
    machine = kit.Machine(tmp_path, files=there, answers={"systemctl is-enabled NetworkManager.service": ""})
    entries = {name: {"dhcp4": True, "optional": True} for name in ("eth0", "eth1")}
    go(machine, Source("datasource", {"version": 2, "ethernets": entries}), os="arch")
    path = f"/etc/systemd/system/{unit}.d/10-cloudboot.conf"
    assert machine.text(path).endswith("[Service]\nExecStart=\nExecStart=/bin/true\n")
    assert "systemctl daemon-reload" in machine.commands
    entries["eth1"] = {"dhcp4": True}
    go(machine, Source("datasource", {"version": 2, "ethernets": entries}), os="arch")
    assert machine.text(path) is None, "and for one that is not, it does"
