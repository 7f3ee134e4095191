import pytest

from cloudboot.clouds import azure_disc, azure_imds
from cloudboot.errors import Unreachable
from cloudboot.values import Disk, Instance, Nic
from datasources import azure
from tests.clouds import QUICK, host, probe
from tests.media.images import iso, udf
from tools.mock_cloud.azure import Azure, environment, instance
from tools.mock_cloud.server import Server

TAG = "7783-7084-3265-9085-8269-3286-77"
UUID = "D0DF4C54-4ECB-4A4B-9954-5BDF3ED5C3B8"
MARK = {"chassis_asset_tag": TAG, "product_uuid": UUID}
SEED = "/var/lib/cloud/seed/azure/ovf-env.xml"
KEY = "ssh-ed25519 AAAAC3Mock ops"


def fetched(imds=None, files=(), disks=(), nics=(), fault="", **settings):
    said = []
    machine = host(files, **MARK).but(disks=tuple(disks), nics=tuple(nics))
    with Server(Azure(imds or instance())) as server:
        if fault:
            server.fault(fault)
        found = azure.fetch(probe(machine, server, **settings).but(warn=said.append))
    return found, said


def test_an_instance_is_what_the_service_says():
    found, said = fetched(instance(user_data=b"#cloud-config\n"))
    assert found.but(metadata={}, network=None) == Instance(
        UUID.lower(), subplatform="imds", hostname="web-07", ssh_keys=(KEY,), user_data=b"#cloud-config\n",
        config={"system_info": {"default_user": {"name": "opsadmin"}}, "ssh_pwauth": False}, cloud_name="azure",
        platform="azure", region="westexample", availability_zone="0",
    )  # fmt: skip
    assert found.metadata["imds"]["compute"]["zone"] == "2"
    assert said == []


def test_a_service_of_azure_stack_is_asked_for_an_older_version():
    cloud = Azure(instance(), versions=("2019-06-01",))
    with Server(cloud) as server:
        assert azure.fetch(probe(host(**MARK), server)).hostname == "web-07"
    assert server.paths() == [f"GET {azure_imds.INSTANCE}", f"GET {azure_imds.OLDER_INSTANCE}"]


@pytest.mark.parametrize("make", [udf, iso])
def test_the_disc_has_what_the_owner_gave(tmp_path, make):
    env = environment(custom_data=b"#!/bin/sh\n" * 20, keys=("ssh-rsa DISC me",))
    disc = Disk(str(make(tmp_path, files={"ovf-env.xml": env})), "udf", "rd_rdfe_stable.240101")
    found, _ = fetched(instance(keys=()), disks=[disc])
    assert (found.user_data, found.ssh_keys) == (b"#!/bin/sh\n" * 20, ("ssh-rsa DISC me",))
    assert (found.hostname, found.subplatform) == ("web-07", f"config-disk ({disc.device})")


def test_a_password_is_kept_as_a_hash_that_is_the_same_each_time():
    files = {SEED: environment(password="mock-pass-word")}
    found, _ = fetched({"compute": {}}, files)
    user = found.config["system_info"]["default_user"]
    assert (user["name"], user["lock_passwd"]) == ("discadmin", False)
    assert user["hashed_passwd"].startswith("$6$")
    assert found.config["ssh_pwauth"] is True
    assert "mock-pass-word" not in str(found)
    assert fetched({"compute": {}}, files)[0] == found


def test_a_redacted_password_is_none():
    found, _ = fetched({"compute": {}}, {SEED: environment(password="REDACTED")})
    assert found.config == {"system_info": {"default_user": {"name": "discadmin"}}}


@pytest.mark.parametrize("fault", ["503", "silence", "reset-in-head", "html", "404"])
def test_a_machine_with_its_disc_boots_without_the_service(fault):
    found, said = fetched(files={SEED: environment(keys=("ssh-rsa DISC me",))}, fault=fault, **QUICK)
    assert (found.id, found.hostname, found.ssh_keys) == (UUID.lower(), "disc-07", ("ssh-rsa DISC me",))
    assert found.network is None
    assert len(said) == 1


@pytest.mark.parametrize("fault", ["503", "silence", "html", "403"])
def test_a_machine_with_neither_is_unreachable(fault):
    with pytest.raises(Unreachable, match="Azure metadata"):
        fetched(fault=fault, **QUICK)


def test_a_service_that_is_not_ready_is_asked_again():
    with Server(Azure(instance())) as server:
        for status in (404, 410, 429, 500):
            server.fault(str(status), times=1)
        assert azure.fetch(probe(host(**MARK), server)).hostname == "web-07"


def test_custom_data_that_is_nowhere_is_warned_of():
    assert "custom data" in fetched(instance(custom=True))[1][0]


def test_keys_that_are_not_openssh_are_left_to_the_disc():
    assert fetched(instance(keys=("-----BEGIN CERTIFICATE-----",)))[0].ssh_keys == ()
    assert fetched(instance(keys=("ssh-rsa AA\r\nBB me",)))[0].ssh_keys == ("ssh-rsa AABB me",)


def test_each_interface_has_dhcp_and_the_first_the_name_servers():
    nics = [Nic("eth0", "00:15:5d:00:00:01", "hv_netvsc"), Nic("enP1", "00:15:5d:00:00:01", "mlx5_core")]
    ethernets = fetched(instance(nics=2), nics=nics)[0].network["ethernets"]
    assert ethernets["eth0"] == {
        "match": {"macaddress": "00:15:5d:00:00:01", "driver": "hv_netvsc"},
        "set-name": "eth0",
        "dhcp4": True,
        "dhcp4-overrides": {"route-metric": 100},
        "dhcp6": True,
        "dhcp6-overrides": {"route-metric": 100},
    }
    assert ethernets["eth1"] == {
        "match": {"macaddress": "00:15:5d:00:00:02"},
        "set-name": "eth1",
        "dhcp4": True,
        "dhcp4-overrides": {"route-metric": 200, "use-dns": False},
        "dhcp6": False,
        "addresses": ["10.1.0.5/20"],
    }


def test_the_image_may_want_less_of_the_network():
    assert fetched(apply_network_config=False)[0].network is None
    names = {"apply_network_config_set_name": False, "apply_network_config_for_secondary_ips": False}
    ethernets = fetched(instance(nics=2), **names)[0].network["ethernets"]
    assert list(ethernets) == ["enx00155d000001", "enx00155d000002"]
    assert "addresses" not in ethernets["enx00155d000002"]


@pytest.mark.parametrize("machine", [host(**MARK), host({SEED: b"x"})])
def test_marks_of_azure(machine):
    assert azure.detect(machine, {}).sure


def test_any_other_machine_on_hyper_v_is_none_of_its():
    assert azure.detect(host(sys_vendor="Microsoft Corporation", product_name="Virtual Machine"), {}) is None


@pytest.mark.parametrize(
    ("uuid", "same"),
    [(UUID, True), ("544CDFD0-CB4E-4B4A-9954-5BDF3ED5C3B8", True), ("00000000-4ECB-4A4B-9954-5BDF3ED5C3B8", False)],
)
def test_a_machine_is_the_same_whichever_way_its_uuid_is_written(uuid, same):
    assert azure.same(host(product_uuid=uuid), Instance(UUID.lower())) is same


def test_a_machine_that_hides_its_uuid_cannot_say():
    assert azure.same(host(), Instance(UUID)) is None


BUS = "/sys/bus/vmbus/devices"
GEN2, OTHER = "{f8b3781a-1e82-4818-a1c3-63d806ec15bb}", "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}"


def bus(*disks):
    """Disks on Hyper-V's bus: (the controller's id, unit, name)."""
    files = {}
    for number, (controller, unit, name) in enumerate(disks):
        top = f"{BUS}/{controller.strip('{}')}"
        files[f"{top}/device_id"] = f"{controller}\n".encode()
        files[f"{top}/host{number}/target{number}:0:0/{number}:0:0:{unit}/block/{name}/size"] = b"1\n"
    return files


@pytest.mark.parametrize(
    ("files", "disk"),
    [
        (bus((GEN2, 0, "sda"), (GEN2, 1, "sdb"), (OTHER, 1, "sdc")), "/dev/sdb"),
        (bus(("{00000000-0000-8899-0000-0000000000}", 0, "sda"), ("{00000000-0001-8899-0000-0000000000}", 0, "sdc")),
         "/dev/sdc"),
        ({"/dev/disk/cloud/azure_resource": "../../sdd", "/dev/sdd": b""}, "/dev/disk/cloud/azure_resource"),
        (bus((GEN2, 0, "sda"), (OTHER, 1, "sdc")), ""),
    ],
)  # fmt: skip
def test_the_resource_disk_is_known_by_where_it_hangs(files, disk):
    found, _ = fetched(files=files)
    assert found.metadata.get("block-device-mapping", {}) == ({"ephemeral0": disk} if disk else {})
    assert ("disk_setup" in found.config) is bool(disk)


def test_a_disc_that_shows_late_is_waited_for(tmp_path, monkeypatch):
    env = environment(custom_data=b"#cloud-config\n")
    late = (Disk(str(iso(tmp_path, files={"ovf-env.xml": env})), "udf"),)
    asked = []
    monkeypatch.setattr(azure_disc, "ask", lambda host, argv, timeout: asked.append(argv[:2]))
    monkeypatch.setattr(azure_disc, "again", lambda host, *fields: host.but(disks=late))
    found, said = fetched(instance(custom=True))
    assert (found.user_data, said, asked) == (b"#cloud-config\n", [], [("udevadm", "settle")])


def test_a_machine_that_was_somebody_waits_for_no_disc(monkeypatch):
    monkeypatch.setattr(azure_disc, "ask", lambda *_: pytest.fail("it waits"))
    with Server(Azure(instance())) as server:
        azure.fetch(probe(host(**MARK), server).but(known=Instance(UUID.lower(), datasource="azure")))
