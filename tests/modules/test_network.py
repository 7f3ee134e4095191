import json
from binascii import b2a_base64

import pytest

from cloudboot import registry
from cloudboot.errors import Invalid
from cloudboot.modules.network import MODULE
from cloudboot.system.actions import Outcome
from cloudboot.values import FileView, Host, Instance, Nic
from tests import kit

NIC = {"/sys/class/net/eth0/address": "02:00:5e:10:00:01\n", "/sys/class/net/eth0/flags": "0x1002\n",
       "/sys/class/net/eth0/uevent": "INTERFACE=eth0\n", "/sys/class/net/eth0/carrier": "1\n"}  # fmt: skip
MACHINE = {"files": {**NIC, "/usr/sbin/netplan": "", "/usr/bin/udevadm": ""}}
FILE = "/etc/netplan/50-cloudboot.yaml"


def dhcp(name):
    return {"version": 2, "ethernets": {name: {"dhcp4": True}}}


def machine(tmp_path, **more):
    return kit.Machine(tmp_path, files={**MACHINE["files"], **more})


def go(on, config=None, network=None, cmdline="", datasource="", first=True, os="debian"):
    source = registry.datasource(datasource) if datasource else Instance("")
    instance = Instance("i-1", datasource=datasource, network=network, updates=source.updates)
    host = Host(os=kit.DISTROS[os], cmdline=cmdline, files=FileView(), nics=(Nic("eth0"),))
    return kit.apply(MODULE, config or {}, on, instance=instance, host=host, first=first)


def wrote(on):
    text = on.text(FILE) or ""
    return [word for word in ("cmd0", "ram0", "sys0", "ds0", "eth0") if f"  {word}:" in text]


def test_the_command_line_wins_over_all(tmp_path):
    on = machine(tmp_path)
    words = "network-config=" + b2a_base64(json.dumps(dhcp("cmd0")).encode(), newline=False).decode()
    go(on, {"network": dhcp("sys0")}, dhcp("ds0"), cmdline=words)
    assert wrote(on) == ["cmd0"]


def test_the_images_configuration_wins_over_the_datasource(tmp_path):
    on = machine(tmp_path)
    go(on, {"network": dhcp("sys0")}, dhcp("ds0"))
    assert wrote(on) == ["sys0"]


def test_each_source_is_taken_before_those_that_come_after_it(tmp_path):
    words = "network-config=" + b2a_base64(json.dumps(dhcp("cmd0")).encode(), newline=False).decode()
    sources = [("cmd0", words, {}, None), ("ram0", "", {}, None), ("sys0", "", {"network": dhcp("sys0")}, None),
               ("ds0", "", {}, dhcp("ds0")), ("eth0", "", {}, None)]  # fmt: skip
    for number, (wins, *_) in enumerate(sources):
        rest = sources[number:]
        ram = {"/run/net-ram0.conf": "DEVICE=ram0\nPROTO=dhcp\nIPV4ADDR=192.0.2.1\n"} if number < 2 else {}
        on = machine(tmp_path / wins, **ram)
        config = {key: value for _, _, said, _ in rest for key, value in said.items()}
        cmdline = " ".join([*(line for _, line, _, _ in rest if line), *(["ip=dhcp"] if ram else [])])
        go(on, config, next((said for *_, said in rest if said), None), cmdline=cmdline)
        assert wrote(on) == [wins]


def test_what_was_edited_is_left_and_named_unless_the_image_says_otherwise(tmp_path):
    on = machine(tmp_path)
    go(on, network=dhcp("ds0"))
    on.put(FILE, on.text(FILE) + "# mine\n", 0o600)
    assert "was edited" in go(on, network=dhcp("ds1")).notes[0]
    assert "# mine" in on.text(FILE)
    go(on, {"replace_edited_network_files": True}, network=dhcp("ds1"))
    assert "# mine" not in on.text(FILE)


def test_what_the_initramfs_did_counts_where_it_was_told_to(tmp_path):
    on = machine(tmp_path, **{"/run/net-ram0.conf": "DEVICE=ram0\nPROTO=dhcp\nIPV4ADDR=192.0.2.1\n"})
    go(on, network=dhcp("ds0"))
    assert wrote(on) == ["ds0"]
    go(on, network=dhcp("ds0"), cmdline="ip=dhcp")
    assert wrote(on) == ["ram0"]


def test_where_nobody_says_more_the_words_for_the_initramfs_count(tmp_path):
    on = machine(tmp_path)
    go(on, cmdline="ip=192.0.2.10::192.0.2.1:255.255.255.0::eth0:none")
    assert '"192.0.2.10/24"' in on.text(FILE)


def test_with_nothing_said_the_first_interface_gets_dhcp(tmp_path):
    on = machine(tmp_path)
    go(on)
    assert wrote(on) == ["eth0"]
    assert 'macaddress: "02:00:5e:10:00:01"' in on.text(FILE)


def test_an_image_may_want_no_fallback(tmp_path):
    on = machine(tmp_path)
    go(on, {"disable_fallback_netcfg": True})
    assert on.actions == []


@pytest.mark.parametrize(
    "config, cmdline", [({"network": {"config": "disabled"}}, ""), ({}, "network-config=disabled")]
)
def test_the_word_disabled_leaves_everything_alone(tmp_path, config, cmdline):
    on = machine(tmp_path)
    go(on, config, dhcp("ds0"), cmdline=cmdline)
    assert on.actions == []


def test_a_broken_command_line_is_named_and_the_next_source_is_asked(tmp_path):
    on = machine(tmp_path)
    system = go(on, network=dhcp("ds0"), cmdline="network-config=" + b2a_base64(b"{").decode().strip())
    assert "network-config= of the kernel command line" in system.notes[0]
    assert wrote(on) == ["ds0"]


def test_a_description_that_cannot_be_is_an_error_and_the_next_one_is_taken(tmp_path):
    on = machine(tmp_path)
    with pytest.raises(Invalid, match=r"ethernets: expected a mapping, got a list"):
        go(on, {"network": {"version": 2, "ethernets": []}}, dhcp("ds0"))
    assert wrote(on) == ["ds0"]


def test_with_no_description_that_can_be_the_first_interface_gets_dhcp(tmp_path):
    on = machine(tmp_path)
    with pytest.raises(Invalid):
        go(on, network={"version": 7})
    assert wrote(on) == ["eth0"]


def test_a_description_that_netplan_refuses_gives_way_to_the_next(tmp_path):
    def generate(machine, argv):
        return Outcome(True, int("ds0" in machine.text(FILE)), stderr=b"whole\nERROR: eth1: no such thing")

    on = kit.Machine(tmp_path, files=MACHINE["files"], answers={"netplan generate": generate})
    with pytest.raises(Invalid, match="netplan does not take it: ERROR: eth1: no such thing"):
        go(on, network=dhcp("ds0"))
    assert wrote(on) == ["eth0"]


def test_at_a_later_boot_only_names_are_seen_to(tmp_path):
    on = machine(tmp_path)
    go(on, network=dhcp("ds0"))
    go(on, network=dhcp("sys0"), first=False)
    assert wrote(on) == ["ds0"]


def test_a_later_boot_does_what_the_first_could_not_end(tmp_path):
    on = machine(tmp_path)
    go(on, network=dhcp("ds0"), first=False)
    assert wrote(on) == ["ds0"]


@pytest.mark.parametrize("config, datasource, anew", [
    ({"updates": {"network": {"when": ["boot"]}}}, "nocloud", True),
    ({"updates": {"network": {"when": ["boot-legacy"]}}}, "nocloud", True),
    ({"updates": {"network": {"when": ["boot-new-instance", "hotplug"]}}}, "azure", False),
    ({"updates": {"network": {"when": []}}}, "azure", False),
    ({}, "scaleway", True),
    ({}, "ec2", False),
    ({}, "azure", True),
    ({}, "nocloud", False),
])  # fmt: skip
def test_every_boot_counts_where_the_owner_or_the_cloud_says_so(tmp_path, config, datasource, anew):
    on = machine(tmp_path)
    go(on, config, dhcp("ds0"), datasource=datasource)
    go(on, config, dhcp("sys0"), datasource=datasource, first=False)
    assert wrote(on) == (["sys0"] if anew else ["ds0"])


def test_what_was_applied_is_kept_with_the_instance_for_root_alone(tmp_path):
    on = machine(tmp_path)
    go(on, network=dhcp("ds0"))
    path = "/var/lib/cloudboot/instances/i-1/network-config.json"
    assert json.loads(on.text(path)) == dhcp("ds0")
    assert on.mode(path) == 0o600


def test_the_image_chooses_the_renderer(tmp_path):
    on = machine(tmp_path, **{"/usr/bin/systemctl": "", "/usr/sbin/ifup": "", "/usr/sbin/ifdown": "",
                              "/usr/sbin/ifquery": "", "/etc/network/interfaces": ""})  # fmt: skip
    go(on, {"system_info": {"network": {"renderers": ["eni", "netplan"]}}}, dhcp("ds0"))
    assert on.text(FILE) is None
    assert "iface ds0 inet dhcp" in on.text("/etc/network/interfaces.d/50-cloudboot")
