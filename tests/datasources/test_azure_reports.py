"""What Azure is told of its machines, and the keys that it gives as certificates."""

import csv
import subprocess

import pytest

from cloudboot.clouds import azure_report, certificates, hyperv, wireserver
from cloudboot.datasource import Stage
from cloudboot.dhcp.lease import Lease
from cloudboot.errors import NotYet, Unreachable
from cloudboot.system.door import System
from datasources import azure
from tests import needs
from tests.clouds import host, probe
from tests.datasources.test_azure import MARK, SEED
from tests.kit import Machine
from tools.mock_cloud.azure import Azure, certificate, environment, instance
from tools.mock_cloud.server import Server

UUID = MARK["product_uuid"].lower()
EFI = {"/sys/firmware/efi/runtime": b""}
HEALTH = wireserver.HEALTH


@pytest.fixture
def cloud():
    return Azure(instance())


@pytest.fixture
def server(cloud):
    with Server(cloud) as server:
        yield server


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "machine", {f"{hyperv.FOLDER}/.kvp_pool_0": ""})


def signal(stage):
    return next(s for s in azure.DATASOURCE.signals if s.stage is stage)


def asked(server, **settings):
    about = {"wireserver_url": server.url, **settings}
    return probe(host(EFI, **MARK), server, **about)


def told(machine):
    """The pairs that the host finds."""
    return dict(hyperv.pairs(machine.read(hyperv.POOL) or b""))


def fields(text):
    return dict(f.partition("=")[::2] for f in next(csv.reader([text], delimiter="|", quotechar="'")))


def test_a_machine_whose_owner_was_let_in_is_ready(server, cloud, machine):
    found = azure.fetch(asked(server))
    system = System(machine)
    signal(Stage.NETWORK).say(system, asked(server), found)
    report = fields(told(machine)["PROVISIONING_REPORT"])
    assert (report["result"], report["vm_id"]) == ("success", cloud.instance["compute"]["vmId"])
    assert machine.mode(hyperv.POOL) == 0o600
    words = machine.told[0]
    assert (words.service, words.path, words.method) == (server.url, HEALTH, "POST")
    deliver(server, words)
    assert cloud.health == [("Ready", "", "")]


def deliver(server, words):
    """Sends what the door was handed."""
    from cloudboot import tell
    from cloudboot.host import look

    tell.tell(look("/nonexistent"), words, lambda what, since: None)


def test_the_report_is_of_the_goal_that_is_the_wireservers_now(server, cloud, machine):
    cloud.incarnation = 7
    signal(Stage.NETWORK).say(System(machine), asked(server), azure.fetch(asked(server)))
    assert b"<GoalStateIncarnation>7</GoalStateIncarnation>" in machine.told[0].body


def test_a_wireserver_that_is_silent_is_told_later_and_then_it_is_an_error(server, machine):
    found = azure.fetch(asked(server))
    server.fault("503", "*goalstate*")
    with pytest.raises(NotYet, match="Azure was not told"):
        azure_report._tell_ready(System(machine), asked(server), found, 0.1, NotYet)
    with pytest.raises(Unreachable, match="Azure was not told"):
        azure_report._tell_ready(System(machine), asked(server), found, 0.1, Unreachable)


@pytest.mark.parametrize("answer", ["html", "body:<GoalState><Incarnation>1</Incarnation></GoalState>", "empty"])
def test_a_goal_state_that_says_nothing_is_none(server, machine, answer):
    server.fault(answer, "*goalstate*")
    with pytest.raises(Unreachable, match="wireserver"):
        wireserver.goal(wireserver.reached(asked(server).but(patience=0.2), server.url))


def test_a_failure_is_told_with_its_reason(server, cloud, machine):
    problem = Unreachable("the password | has 'more' than 72 characters <&>")
    azure.DATASOURCE.failed(System(machine), asked(server), problem)
    deliver(server, machine.told[0])
    state, status, text = cloud.health[0]
    assert (state, status) == ("NotReady", "ProvisioningFailed")
    assert fields(text)["reason"] == problem.reason
    assert fields(text)["documentation_url"] == azure_report.HELP
    assert fields(told(machine)["PROVISIONING_REPORT"])["result"] == "error"


def test_a_machine_without_a_network_still_tells_its_host(machine):
    system = System(machine)
    nowhere = probe(host(EFI, **MARK), wireserver_url="http://127.0.0.1:9").but(patience=0.1)
    azure_report.SECONDS, before = 0.1, azure_report.SECONDS
    try:
        azure.DATASOURCE.failed(system, nowhere, Unreachable("no interface has a lease"))
        assert fields(told(machine)["PROVISIONING_REPORT"])["reason"] == "no interface has a lease"
        assert "only the host was told" in system.notes[0]
        with pytest.raises(Unreachable):
            azure.DATASOURCE.failed(System(Machine(machine.root + "/other")), nowhere, Unreachable("x"))
    finally:
        azure_report.SECONDS = before


def test_a_new_report_takes_the_place_of_the_last_one_and_leaves_what_others_said(machine):
    system = System(machine)
    hyperv.tell(system, [("OSName", "other agent"), (azure_report.KEY, "one")])
    hyperv.tell(system, [(azure_report.KEY, "two")])
    assert told(machine) == {"OSName": "other agent", azure_report.KEY: "two"}
    assert len(machine.read(hyperv.POOL)) == 2 * 2560


def test_a_record_has_the_sizes_that_a_host_reads():
    raw = hyperv.record("k" * 600, "ü" * 2000)
    assert len(raw) == 512 + 2048
    assert (raw[254:512], raw[512 + 1022 :]) == (bytes(258), bytes(1026))
    assert hyperv.pairs(raw + b"torn") == (("k" * 254, "ü" * 511),)


def test_a_pool_that_is_torn_or_full_is_begun_anew(machine):
    system = System(machine)
    machine.put(hyperv.POOL, hyperv.record("a", "b") + b"torn")
    hyperv.tell(system, [("c", "d")])
    assert told(machine) == {"a": "b", "c": "d"}
    machine.put(hyperv.POOL, b"".join(hyperv.record(str(i), "x") for i in range(1024)))
    hyperv.tell(system, [("c", "d")])
    assert told(machine) == {"c": "d"}


def test_a_machine_of_the_first_generation_has_its_id_turned_round():
    assert azure_report.vm_id(host(**MARK), {}) == "544cdfd0-cb4e-4b4a-9954-5bdf3ed5c3b8"
    assert azure_report.vm_id(host(EFI, **MARK), {}) == UUID
    assert azure_report.vm_id(host(**MARK), {"vmId": "544CDFD0-CB4E-4B4A-9954-5BDF3ED5C3B8"}).startswith("544cdfd0")


@pytest.mark.parametrize(
    ("offered", "place"),
    [("", "168.63.129.16"), ("168.63.129.16", "168.63.129.16"), ("169.254.7.7", "169.254.7.7"),
     ("203.0.113.66", "168.63.129.16")],
)  # fmt: skip
def test_dhcp_names_the_wireserver_only_where_a_platform_can_be(offered, place):
    lease = Lease("eth0", "10.0.0.4", 24, wireserver=offered)
    assert wireserver.place(probe(host(**MARK)).but(lease=lease)) == f"http://{place}"


def test_the_place_of_the_wireserver_is_known_when_the_lease_is_not(server):
    lease = Lease("eth0", "10.0.0.4", 24, wireserver="169.254.7.7")
    found = azure.fetch(probe(host(**MARK), server).but(lease=lease))
    assert wireserver.place(probe(host(**MARK)), found.metadata["wireserver"]) == "http://169.254.7.7"
    assert wireserver.place(probe(host(**MARK)), "") == f"http://{wireserver.ENDPOINT}"


# keys as certificates


@pytest.fixture(scope="module")
def owner():
    """An owner's key: the platform's certificate of it, its fingerprint, and the line that OpenSSH has for it."""
    needs.programs("openssl", "ssh-keygen")
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    cert = certificate(key)
    mark = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha1"], input=cert.encode(),
                          capture_output=True, check=True).stdout.decode()  # fmt: skip
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, capture_output=True, check=True).stdout
    line = subprocess.run(["ssh-keygen", "-i", "-m", "PKCS8", "-f", "/dev/stdin"], input=public,
                          capture_output=True, check=True).stdout.decode().strip()  # fmt: skip
    return cert, mark.partition("=")[2].strip().replace(":", ""), line


def fetched(cloud, owner, fingerprints):
    said = []
    files = {SEED: environment(fingerprints=fingerprints), **EFI}
    with Server(cloud) as server:
        machine = host(files, **MARK).but(asks=True)
        found = azure.fetch(probe(machine, server, wireserver_url=server.url).but(warn=said.append))
    return found, said


@pytest.mark.parametrize("ciphers", [("AES128_CBC",), ("DES_EDE3_CBC",)])
def test_keys_that_are_named_by_a_fingerprint_come_from_the_wireserver(owner, ciphers):
    cert, mark, line = owner
    other = certificate(subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout)
    cloud = Azure(instance(keys=()), certificates=(other, cert))
    cloud.ciphers = ciphers
    found, said = fetched(cloud, owner, (mark,))
    assert (found.ssh_keys, said) == ((line,), [])


def test_the_services_own_keys_are_asked_first(owner):
    found, _ = fetched(Azure(instance(), certificates=owner[:1]), owner, (owner[1],))
    assert found.ssh_keys == ("ssh-ed25519 AAAAC3Mock ops",)


def test_a_certificate_that_the_platform_has_not_is_warned_of(owner):
    found, said = fetched(Azure(instance(keys=()), certificates=owner[:1]), owner, ("00" * 20,))
    assert (found.ssh_keys, len(said)) == ((), 1)


def test_certificates_that_cannot_be_had_keep_nobody_from_booting(owner):
    cloud = Azure(instance(keys=()), certificates=owner[:1])
    cloud.ciphers = ()
    found, said = fetched(cloud, owner, (owner[1],))
    assert found.hostname == "web-07"
    assert "cannot be had" in said[0]


def test_the_private_key_of_the_exchange_is_in_no_command_line(owner, monkeypatch):
    from cloudboot.system import spawn

    seen = []
    real = spawn.spawn
    monkeypatch.setattr(spawn, "spawn", lambda argv, **more: (seen.extend(argv), real(argv, **more))[1])
    fetched(Azure(instance(keys=()), certificates=owner[:1]), owner, (owner[1],))
    assert any(word == "cms" for word in seen)
    assert not any("PRIVATE" in word for word in seen)


def test_what_the_disc_had_is_not_lost_when_the_platform_takes_it_away(server):
    files = {SEED: environment(custom_data=b"#cloud-config\n", keys=("ssh-rsa DISC me",), password="mock-pass-word")}
    first = azure.fetch(probe(host(files, **MARK), server)).but(datasource="azure")
    again = azure.fetch(probe(host(**MARK), server).but(known=first))
    assert (again.user_data, again.config) == (b"#cloud-config\n", first.config)
    other = azure.fetch(probe(host(**MARK), server).but(known=first.but(id="another")))
    assert (other.user_data, "hashed_passwd" in str(other.config)) == (b"", False)


def test_the_platforms_proxy_has_to_be_up_where_the_owner_wants_it(server):
    files = {SEED: environment(platform="<w:ProvisionGuestProxyAgent>true</w:ProvisionGuestProxyAgent>")}
    with pytest.raises(Unreachable, match="azure-proxy-agent"):
        azure.fetch(probe(host(files, **MARK), server))


def test_transport_needs_a_program():
    with pytest.raises(Unreachable, match="not installed"):
        certificates.transport(host())
