from cloudboot.network.source import Source, choose_source, fallback, natural
from cloudboot.values import FileView, Nic

ALL = {"command line": {"a": 1}, "initramfs": {"b": 1}, "system config": {"c": 1}, "datasource": {"d": 1},
       "ip= words": {"e": 1}}  # fmt: skip


def ranked(given, datasource=""):
    found, rest = [], dict(given)
    while rest:
        source = choose_source(rest, datasource)
        found.append(source.name)
        del rest[source.name]
    return found


def sysfs(**nics):
    return FileView({f"/sys/class/net/{name}/{file}": text for name, files in nics.items()
                     for file, text in files.items()})  # fmt: skip


def first(*nics, files=None):
    return next(iter(fallback(nics, files or FileView())["ethernets"]))


def test_a_whole_description_on_the_command_line_comes_first_and_its_words_for_the_initramfs_last():
    assert ranked(ALL) == ["command line", "initramfs", "system config", "datasource", "ip= words"]


def test_two_clouds_know_better_than_the_initramfs():
    assert ranked(ALL, "oracle") == ["command line", "system config", "datasource", "initramfs", "ip= words"]


def test_what_is_empty_does_not_speak():
    assert choose_source({"command line": None, "datasource": {}, "ip= words": None}) is None


def test_the_word_disabled_in_the_first_that_speaks_counts():
    assert choose_source({"system config": {"config": "disabled"}, "datasource": {"version": 1}}) == Source(
        "system config", {"config": "disabled"}, True
    )


def test_a_carrier_comes_before_eth0_and_eth2_before_eth10():
    assert first(Nic("eth0", "02::1"), Nic("ens4", "02::2", carrier=True)) == "ens4"
    assert first(Nic("ens3", "02::1"), Nic("eth0", "02::2")) == "eth0"
    assert first(Nic("eth10", "02::1"), Nic("eth2", "02::2")) == "eth2"


def test_what_is_no_hardware_of_its_own_is_not_taken():
    files = sysfs(br0={"bridge/x": b""}, b0={"bonding/x": b""}, v0={"uevent": b"DEVTYPE=vlan\n"})
    others = [Nic(n, "02::1", carrier=True) for n in ("lo", "veth0", "br0", "b0", "v0")]
    assert fallback([*others, Nic("dm0", "00:00:00:00:00:00")], files) is None
    assert first(*others, Nic("ens3", "02:00:00:00:00:0A"), files=files) == "ens3"


def test_a_link_that_is_up_without_a_carrier_is_not_taken():
    assert fallback([Nic("eth0", "02::1")], sysfs(eth0={"operstate": b"up\n", "carrier": b"0\n"})) is None
    assert first(Nic("eth0", "02::1"), files=sysfs(eth0={"operstate": b"dormant\n"})) == "eth0"


def test_the_fallback_is_dhcp_for_both_families_by_the_address():
    assert fallback([Nic("ens3", "02:00:00:00:00:0A")], FileView()) == {
        "version": 2,
        "ethernets": {"ens3": {"dhcp4": True, "dhcp6": True, "match": {"macaddress": "02:00:00:00:00:0a"},
                               "set-name": "ens3"}}}  # fmt: skip


def test_on_hyper_v_the_passed_through_half_of_a_pair_is_not_taken():
    nics = [Nic("eth0", "02::1", "mlx5_core", carrier=True), Nic("eth1", "02::1", "hv_netvsc", carrier=True)]
    assert fallback(nics, FileView(), azure=True)["ethernets"]["eth1"]["match"] == {
        "macaddress": "02::1", "driver": "hv_netvsc"}  # fmt: skip


def test_of_a_failover_pair_the_master_is_taken_by_name():
    standby = b"0" * 62 + b"1\n"
    files = sysfs(
        ens3={"device/driver": "../virtio_net", "device/features": standby},
        ens3nsby={"device/driver": "../virtio_net", "device/features": standby, "master": "../ens3"},
        ens4={"device/driver": "../mlx5_core", "master": "../ens3"},
    )
    nics = [Nic(n, "02::1", carrier=True) for n in ("ens3", "ens3nsby", "ens4")]
    assert fallback(nics, files)["ethernets"] == {
        "ens3": {"dhcp4": True, "dhcp6": True, "match": {"name": "ens3"}, "set-name": "ens3"}
    }


def test_names_sort_by_their_numbers():
    assert sorted(["eth10", "eth2", "enp0s10f1", "enp0s9"], key=natural) == ["enp0s9", "enp0s10f1", "eth2", "eth10"]
