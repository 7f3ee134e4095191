import json

import pytest

from cloudboot.cli import main

V2 = "network: {version: 2, ethernets: {nic0: {match: {macaddress: '02:00:00:00:00:01'}, dhcp4: true}}}\n"


def convert(tmp_path, text, kind, renderer, *more):
    (tmp_path / "in").write_text(text)
    return main(["net-convert", "--network-data", str(tmp_path / "in"), "--kind", kind, "--output-kind", renderer,
                 "--directory", str(tmp_path / "out"), *more])  # fmt: skip


def test_files_are_written_below_the_folder_and_named(tmp_path, capsys):
    assert convert(tmp_path, V2, "yaml", "eni", "--mac", "ens3,02:00:00:00:00:01") == 0
    assert capsys.readouterr().out == "/etc/network/interfaces.d/50-cloudboot\n"
    assert "iface ens3 inet dhcp" in (tmp_path / "out/etc/network/interfaces.d/50-cloudboot").read_text()


def test_openstacks_description_is_understood(tmp_path):
    data = {"links": [{"id": "tap1", "type": "vif", "ethernet_mac_address": "02:00:00:00:00:01"}],
            "networks": [{"id": "n", "link": "tap1", "type": "ipv4_dhcp"}]}  # fmt: skip
    assert convert(tmp_path, json.dumps(data), "network_data.json", "netplan", "--mac", "ens3,02:00:00:00:00:01") == 0
    assert "ens3:" in (tmp_path / "out/etc/netplan/50-cloudboot.yaml").read_text()


def test_ifupdowns_text_is_understood(tmp_path):
    assert convert(tmp_path, "auto eth0\niface eth0 inet dhcp\n", "eni", "netplan") == 0
    assert "dhcp4: true" in (tmp_path / "out/etc/netplan/50-cloudboot.yaml").read_text()


def test_azures_description_is_understood(tmp_path):
    about = {"macAddress": "020000000001", "ipv4": {"ipAddress": [{"privateIpAddress": "10.0.0.4"}]}}
    text = json.dumps({"network": {"interface": [about]}})
    assert convert(tmp_path, text, "azure-imds", "networkd") == 0
    assert "DHCP=ipv4" in (tmp_path / "out/etc/systemd/network/10-cloudboot-eth0.network").read_text()
    assert convert(tmp_path, "{}", "azure-imds", "networkd") == 1


def test_vmwares_description_is_understood(tmp_path):
    text = "[NIC-CONFIG]\nNICS = NIC1\n[NIC1]\nMACADDR = 02:00:00:00:00:01\nBOOTPROTO = dhcp\n"
    assert convert(tmp_path, text, "vmware-imc", "eni", "--mac", "ens3,02:00:00:00:00:01") == 0
    assert "iface ens3 inet dhcp" in (tmp_path / "out/etc/network/interfaces.d/50-cloudboot").read_text()


def test_what_is_left_out_is_said_on_stderr(tmp_path, capsys):
    text = "{version: 2, ethernets: {eth0: {dhcp4: true, ipv6-privacy: true}}}"
    assert convert(tmp_path, text, "yaml", "eni") == 0
    assert capsys.readouterr().err == "cloudboot: eth0: ipv6-privacy: not written for ifupdown\n"


@pytest.mark.parametrize(
    "text, said",
    [
        ("{version: 3}", ["1:2: version: there is no such version; write version: 1 or version: 2"]),
        ("version: 2\nethernets: []", ["2:1: ethernets: expected a mapping, got a list"]),
        ("version: 2\nethernets:\n  a:\n    mtu: big\n    dhcp4: perhaps\n    optional: true\n    dhcp: true\n",
         ["4:5: ethernets.a.mtu: expected a whole number, got text",
          "5:5: ethernets.a.dhcp4: expected true or false, got text"]),
        ("version: 2\nethernets: [",
         ["2:12: not YAML: what begins here never ends; close the quote or bracket, or look at the indentation"]),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_with_a_description_is_named_by_line_and_path(tmp_path, capsys, text, said):
    assert convert(tmp_path, text, "yaml", "eni") == 1
    assert not (tmp_path / "out").exists()
    assert capsys.readouterr().err == "".join(f"cloudboot: {tmp_path}/in:{line}\n" for line in said)


@pytest.mark.parametrize("kind, text, said", [
    ("eni", "auto eth0\niface eth0\n", ":2:1: iface needs a name, a family and a method"),
    ("network_data.json", '{"links": [\n {"id": "a", "ethernet_mac_address": "02:00:00:00:00:09"}]}',
     ":2:14: links[0].ethernet_mac_address: no network interface of this machine has this MAC address"),
    ("network_data.json", "[]", ":1:1: expected a mapping, got a list"),
    ("vmware-imc", "[NIC-CONFIG]\nNICS = NIC1\n", ": NIC1 is named in NIC-CONFIG and has no section with a MACADDR"),
    ("azure-imds", "[]", " describes no interface with a MAC address and an IP address"),
])  # fmt: skip
def test_a_wrong_description_of_a_cloud_is_named_by_file(tmp_path, capsys, kind, text, said):
    assert convert(tmp_path, text, kind, "netplan") == 1
    assert f"{tmp_path}/in{said}" in capsys.readouterr().err


@pytest.mark.parametrize("distro, path", [
    ("alpine", "etc/network/interfaces"), ("debian", "etc/network/interfaces.d/50-cloudboot")])  # fmt: skip
def test_a_distribution_has_its_own_place_for_a_file(tmp_path, distro, path):
    assert convert(tmp_path, V2, "yaml", "eni", "--distro", distro) == 0
    assert (tmp_path / "out" / path).is_file()


@pytest.mark.parametrize("distro, path", [
    ("sles", "network/ifcfg-nic0"), ("opensuse-leap", "network/ifcfg-nic0"),
    ("rocky", "network-scripts/ifcfg-nic0"), ("openEuler", "network-scripts/ifcfg-nic0"),
    ("amazon", "network-scripts/ifcfg-nic0")])  # fmt: skip
def test_sysconfig_is_that_of_the_distribution(tmp_path, distro, path):
    assert convert(tmp_path, V2, "yaml", "sysconfig", "--distro", distro) == 0
    assert (tmp_path / "out/etc/sysconfig" / path).is_file()


def test_a_distribution_that_nobody_knows_is_a_wrong_command_line(tmp_path, capsys):
    assert convert(tmp_path, V2, "yaml", "sysconfig", "--distro", "opensusi") == 2
    assert "did you mean opensuse?" in capsys.readouterr().err


def test_a_description_that_is_not_there_is_an_error(tmp_path, capsys):
    assert main(["net-convert", "--network-data", str(tmp_path / "no"), "--kind", "yaml", "--output-kind", "eni",
                 "--directory", str(tmp_path)]) == 1  # fmt: skip
    assert capsys.readouterr().err == f"cloudboot: {tmp_path}/no: No such file or directory\n"


@pytest.mark.parametrize("word, value", [("--kind", "toml"), ("--output-kind", "wicked")])
def test_a_word_that_is_none_of_those_known_is_a_wrong_command_line(tmp_path, capsys, word, value):
    argv = {"--network-data": "x", "--kind": "yaml", "--output-kind": "eni", "--directory": str(tmp_path), word: value}
    assert main(["net-convert", *(w for pair in argv.items() for w in pair)]) == 2
    assert f"cloudboot: {word} is one of" in capsys.readouterr().err


def test_a_wrong_mac_is_a_wrong_command_line(tmp_path, capsys):
    assert convert(tmp_path, V2, "yaml", "eni", "--mac", "ens3") == 2
    assert capsys.readouterr().err.startswith("cloudboot: --mac takes a name and a MAC address")
