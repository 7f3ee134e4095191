import pytest

from cloudboot import instancedata
from cloudboot.errors import Absent, Unreachable
from cloudboot.values import Instance
from datasources import smartos
from tests.clouds import host, probe
from tools.mock_cloud.lines import Lines
from tools.mock_cloud.lines import smartos as values

MARK = {"product_name": "SmartDC HVM"}
NICS = {"eth0": "90:b8:d0:d8:82:b4", "eth1": "90:b8:d0:0a:51:31"}
ZONE = {"/proc/version": b"Linux version 5.10 (BrandZ virtual linux)\n"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(smartos, "QUIET_SECONDS", 0.001)
    monkeypatch.setattr(smartos, "SYNC_SECONDS", 1.0)


def fetched(reply, **settings):
    with Lines(reply) as line:
        about = {"serial_device": line.path, "serial_timeout": 1, **settings}
        return smartos.fetch(probe(host(nics=NICS, **MARK), **about))


def test_a_machine_is_what_its_host_says_over_a_serial_line():
    found = fetched(values())
    assert found.but(metadata={}, network=None, subplatform="", vendor_data=()) == Instance(
        "b6d4e5f0-0000-4000-8000-000000000001", hostname="zone1", ssh_keys=("ssh-rsa A a",),
        user_data=b"#cloud-config\n", cloud_name="joyent", platform="joyent", availability_zone="xx-example-1",
    )  # fmt: skip
    assert found.metadata["legacy-user-data"] == "for the owner"
    assert sorted(found.network["ethernets"]) == ["eth0", "eth1"]


def test_the_owners_script_is_a_part_that_runs_at_every_boot():
    vendor, script = fetched(values()).vendor_data
    assert vendor == b"#cloud-config\n{}\n"
    assert b"text/x-shellscript-per-boot" in script and b"02_user_script" in script
    assert script.rstrip().endswith(b"IyEvYmluL2Jhc2gKZWNobyBoaQ==")


def test_a_zone_is_told_over_a_socket(tmp_path):
    (tmp_path / "native/.zonecontrol").mkdir(parents=True)
    with Lines(values(), str(tmp_path / "native/.zonecontrol/metadata.sock")):
        files = {**ZONE, "/native/.zonecontrol/metadata.sock": b""}
        found = smartos.fetch(probe(host(files, nics=NICS).but(root=str(tmp_path))))
    assert found.id == "b6d4e5f0-0000-4000-8000-000000000001"
    assert found.subplatform.startswith("socket")


@pytest.mark.parametrize("fault", ["garbage", "checksum", "other"])
def test_an_answer_that_is_garbled_is_asked_for_again(fault):
    reply = values()
    reply.faults = [fault, fault]
    assert fetched(reply).hostname == "zone1"
    reply.faults = [fault] * 100
    with pytest.raises(Unreachable, match="garbled"):
        fetched(reply)


@pytest.mark.parametrize(
    "reply", [lambda line: b"", lambda line: b"invalid command\n", lambda line: b"FAILURE\n"], ids=["mute", "old", "no"]
)
def test_a_host_that_does_not_understand_is_a_named_failure(reply, monkeypatch):
    monkeypatch.setattr(smartos, "SYNC_SECONDS", 0.02)
    with pytest.raises(Unreachable):
        fetched(reply)


def test_what_is_no_line_is_a_named_failure(tmp_path):
    with pytest.raises(Unreachable, match="nowhere"):
        smartos.fetch(probe(host(**MARK), serial_device="/nowhere"))
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    with pytest.raises(Unreachable, match="no serial line"):
        smartos.fetch(probe(host(**MARK), serial_device=str(plain)))


def test_marks_of_smartos():
    assert smartos.detect(host(**MARK), {}).sure
    assert smartos.detect(host({**ZONE, smartos.SOCKETS[0]: b""}), {}).sure
    assert smartos.detect(host(ZONE, **MARK), {}) is None
    assert smartos.detect(host(product_name="HVM SmartDC"), {}) is None
    with pytest.raises(Absent):
        smartos.fetch(probe(host()))


def test_what_everybody_may_read_holds_none_of_the_owners_documents_and_scripts():
    told = instancedata.redacted(instancedata.describe(host(), fetched(values()), {}))["ds"]["meta_data"]
    hidden = [name for name, value in told.items() if value == instancedata.HIDDEN]
    assert sorted(hidden) == ["legacy-user-data", "user-script"]
