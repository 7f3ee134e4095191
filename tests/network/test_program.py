import pytest

from cloudboot.errors import Invalid
from cloudboot.network.program import choose_activator, choose_renderer
from cloudboot.system.door import System
from tests import kit

IFUPDOWN = {f"/usr/sbin/{p}": "" for p in ("ifquery", "ifup", "ifdown")}
ENI = {**IFUPDOWN, "/etc/network/interfaces": ""}
NETPLAN = {"/usr/sbin/netplan": ""}
NETWORKD = {"/usr/sbin/ip": "", "/usr/bin/systemctl": ""}
NM = {"/usr/bin/nmcli": ""}


def system(tmp_path, files, **answers):
    return System(kit.Machine(tmp_path, files=files, answers=answers))


@pytest.mark.parametrize(
    "os, files, renderer",
    [
        ("debian", {**ENI, **NETPLAN, **NETWORKD}, "netplan"),
        ("debian", {**ENI, **NETWORKD}, "eni"),
        ("debian", {**IFUPDOWN, **NETWORKD}, "networkd"),
        ("fedora", {**NM, **NETWORKD}, "network-manager"),
        ("rhel", {**ENI, **NM}, "eni"),
        ("rhel", {**NM, "/usr/lib64/NetworkManager/1.40/libnm-settings-plugin-ifcfg-rh.so": ""}, "network-manager"),
        ("rhel", {"/usr/lib64/NetworkManager/1.40/libnm-settings-plugin-ifcfg-rh.so": ""}, "sysconfig"),
        ("opensuse", {**IFUPDOWN, **NETWORKD, "/etc/sysconfig/network/config": ""}, "sysconfig"),
        ("alpine", {**ENI}, "eni"),
        ("arch", {**NETWORKD}, "networkd"),
        ("debian", {}, ""),
    ],
)
def test_the_renderer_is_the_first_that_the_distribution_prefers_and_the_system_has(tmp_path, os, files, renderer):
    assert choose_renderer(system(tmp_path, files), kit.DISTROS[os]) == renderer


def test_the_configuration_of_the_image_decides_where_it_speaks(tmp_path):
    machine = system(tmp_path, {**ENI, **NETPLAN})
    assert choose_renderer(machine, kit.DISTROS["debian"], ("networkd", "eni")) == "eni"
    assert choose_renderer(machine, kit.DISTROS["debian"], ("networkd",)) == ""


def test_a_renderer_that_is_none_is_refused(tmp_path):
    with pytest.raises(Invalid, match="no such renderer in system_info.network.renderers"):
        choose_renderer(system(tmp_path, {}), kit.DISTROS["debian"], ("smoke",))


def test_network_manager_counts_under_systemd_only_where_it_is_enabled(tmp_path):
    files = {**NM, "/run/systemd/system/x": ""}
    here = System(kit.Machine(tmp_path / "a", files=files, answers={"systemctl is-enabled": ""}))
    assert choose_renderer(here, kit.DISTROS["fedora"]) == "network-manager"
    assert choose_renderer(System(kit.Machine(tmp_path / "b", files=files)), kit.DISTROS["fedora"]) == ""


def test_the_activator_is_that_of_the_renderer_else_the_first_there_is(tmp_path):
    machine = system(tmp_path, {**ENI, **NETPLAN, **NETWORKD})
    assert choose_activator(machine, kit.DISTROS["debian"], "eni") == "eni"
    assert choose_activator(machine, kit.DISTROS["debian"], "sysconfig") == "netplan"
    assert choose_activator(machine, kit.DISTROS["rhel"], "sysconfig") == "eni"
    assert choose_activator(machine, kit.DISTROS["debian"], "eni", ("networkd",)) == "networkd"
