"""Azure's machines of a pool: they wait on real links until somebody wants them."""

import threading
import time

import pytest

from cloudboot import whoami
from cloudboot.card import Stage
from cloudboot.clouds import warmpool
from cloudboot.dhcp.lease import Lease
from cloudboot.errors import Moved, Unreachable
from cloudboot.start import prepare
from cloudboot.values import Dmi
from datasources import azure
from tests.clouds import host, probe
from tests.datasources.test_azure import MARK, SEED
from tests.ephemeral.servers import dnsmasq
from tests.namespaces import namespaces
from tests.test_early import job
from tools.mock_cloud.azure import Azure, environment, instance
from tools.mock_cloud.server import Server

OWNER = environment(name="owner-07", user="owner", custom_data=b"#cloud-config\n")
LEASE = Lease("eth0", "192.0.2.9", 24)


def until(is_so, seconds=10.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


class Pool:
    """A machine of a pool in a network namespace, with its platform on the loopback there."""

    def __init__(self, here, there, sort, files=()):
        self.here, self.there, self.notes, self.said, self.fetched = here, there, {}, [], []
        self.cloud = Azure(instance(name="owner-07"))
        self.cloud.instance["extended"]["compute"]["ppsType"] = sort
        self.files = dict(files)
        self.patience, self.lingered = None, []
        self.server = here.inside(Server, self.cloud)

    def remember(self, name, text):
        self.notes[name] = text

    def fetch(self, stage="local"):
        machine = host(self.files, **MARK)
        asked = probe(machine, self.server, wireserver_url=self.server.url).but(
            stage=stage,
            lease=LEASE,
            notes=self.notes,
            remember=self.remember,
            warn=self.said.append,
            patience=self.patience,
            still_waiting=self.lingered.append,
        )
        return self.here.inside(azure.fetch, asked)

    def start(self, **more):
        def work():
            try:
                self.fetched.append(self.fetch(**more))
            except (Moved, Unreachable) as problem:
                self.fetched.append(problem)

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def result(self):
        self.thread.join(20)
        return self.fetched[-1]

    def switch(self):
        """Its network becomes another one."""
        self.there.run("ip link set srv0 down")
        self.there.run("ip link set srv0 up")


@pytest.fixture
def pool(request):
    with namespaces() as (here, there):
        here.wire(there)
        here.run("ip link set eth0 up")
        here.await_carrier("eth0")
        made = Pool(here, there, *getattr(request, "param", ("Running",)))
        with made.server:
            yield made


def reported(pool):
    return [state for state, *_ in pool.cloud.health]


def test_a_plan_tells_the_pool_nothing_and_does_not_wait(tmp_path):
    assert prepare(str(tmp_path), planning=True).probe(azure.DATASOURCE, Stage.NETWORK).planning
    cloud = Azure(instance())
    cloud.instance["extended"]["compute"]["ppsType"] = "Running"
    with Server(cloud) as server:
        asked = probe(host(**MARK), server, wireserver_url=server.url)
        with pytest.raises(Unreachable, match="has no owner yet"):
            azure.fetch(asked.but(planning=True))
    assert cloud.health == []


def test_a_running_machine_waits_for_its_network_to_move_and_asks_there_who_it_is(pool):
    pool.start()
    until(lambda: reported(pool) and pool.notes)
    pool.there.run("ip link set srv0 down")
    assert pool.thread.is_alive()
    pool.there.run("ip link set srv0 up")
    assert isinstance(pool.result(), Moved)
    assert set(pool.lingered) == {warmpool.OWNER}
    pool.cloud.instance["extended"]["compute"]["ppsType"] = "None"
    pool.cloud.reprovision = OWNER
    found = pool.fetch()
    assert (found.hostname, found.user_data) == ("owner-07", b"#cloud-config\n")
    assert found.config["system_info"]["default_user"]["name"] == "opsadmin"
    assert (reported(pool), pool.notes) == (["Ready"], {warmpool.NOTE: ""})


def test_a_machine_whose_disc_says_so_is_one_of_a_pool(pool):
    pool.files = {SEED: environment(platform="<w:PreprovisionedVm>true</w:PreprovisionedVm>")}
    pool.cloud.instance["extended"]["compute"]["ppsType"] = "None"
    pool.start()
    until(lambda: reported(pool) and pool.notes)
    pool.switch()
    assert isinstance(pool.result(), Moved)


@pytest.mark.parametrize("pool", [("Savable",)], indirect=True)
def test_a_savable_machine_waits_until_its_card_is_another(pool):
    pool.start()
    until(lambda: reported(pool) and pool.notes)
    pool.here.run("ip link del eth0")
    assert pool.thread.is_alive()
    pool.here.run("ip link add br0 type bridge")
    pool.thread.join(0.1)
    assert pool.thread.is_alive(), "what the machine made itself is no card of the platform's"
    pool.here.wire(pool.there, here="eth0", there="srv1", mac="02:00:00:00:00:07")
    assert isinstance(pool.result(), Moved)


def test_a_savable_machine_that_is_saved_while_it_says_that_it_is_ready_waits_all_the_same(pool):
    pool.cloud.instance["extended"]["compute"]["ppsType"] = "Savable"
    pool.server.fault("hang-up", "*goalstate*")
    pool.patience = 0.2
    pool.start()
    until(lambda: pool.notes)
    pool.here.run("ip link del eth0")
    pool.here.wire(pool.there, here="eth0", there="srv1")
    assert isinstance(pool.result(), Moved)
    assert "may not know" in pool.said[0]


def test_a_running_machine_whose_pool_cannot_be_told_is_unreachable(pool):
    pool.server.fault("hang-up", "*goalstate*")
    pool.patience = 0.2
    pool.start()
    assert isinstance(pool.result(), Unreachable)
    assert (pool.notes, pool.lingered) == ({}, []), "what is no wait for an owner is bounded"


def test_a_machine_that_lost_power_in_the_pool_does_not_say_again_that_it_is_ready(pool):
    pool.notes = {warmpool.NOTE: MARK["product_uuid"].lower()}
    pool.cloud.reprovision = OWNER
    assert pool.fetch().user_data == b"#cloud-config\n"
    assert reported(pool) == []


def test_a_machine_that_was_made_of_one_of_the_pools_is_not_in_it(pool):
    pool.notes = {warmpool.NOTE: "11111111-0000-4000-8000-000000000001"}
    pool.cloud.instance["extended"]["compute"]["ppsType"] = "None"
    assert pool.fetch().hostname == "owner-07"
    assert not any("reprovisiondata" in path for path in pool.server.paths())


def test_an_owners_document_is_waited_for_however_long_that_takes(pool, monkeypatch):
    monkeypatch.setattr(warmpool, "PAUSE", 0.01)
    pool.notes = {warmpool.NOTE: MARK["product_uuid"].lower()}
    pool.start()
    until(lambda: sum("reprovisiondata" in path for path in pool.server.paths()) > 3)
    assert len(pool.lingered) >= 3, "each time that it asks, the boot hears that this is right"
    pool.cloud.reprovision = OWNER
    assert pool.result().user_data == b"#cloud-config\n"


def test_a_network_that_goes_while_the_document_is_waited_for_has_moved(pool):
    pool.notes = {warmpool.NOTE: MARK["product_uuid"].lower()}
    pool.server.fault("hang-up", "*reprovisiondata*")
    with pytest.raises(Moved, match="gone"):
        pool.fetch()


@pytest.mark.parametrize("pool", [("PreprovisionedOSDisk",)], indirect=True)
def test_a_machine_that_is_only_a_disk_to_come_never_goes_on(pool, monkeypatch):
    waits = []

    def wait(events, probe, is_so):
        waits.append(is_so)
        raise Unreachable("the power went")

    monkeypatch.setattr(warmpool, "_wait", wait)
    with pytest.raises(Unreachable, match="the power went"):
        pool.fetch()
    assert (reported(pool), pool.notes, waits[0]()) == (["Ready"], {}, False)


ROUTES = "121,169.254.169.254/32,192.0.2.1,168.63.129.16/32,192.0.2.1,0.0.0.0/0,192.0.2.1"


def test_the_whole_way_from_the_pool_to_its_owner_over_a_network_for_this_question(tmp_path):
    with namespaces() as (here, there):
        here.wire(there)
        for address in ("169.254.169.254", "168.63.129.16"):
            there.run(f"ip addr add {address}/32 dev lo")
        dnsmasq(there, options=[ROUTES, "245,168.63.129.16"])
        cloud = Azure(instance(name="owner-07"))
        cloud.instance["extended"]["compute"]["ppsType"] = "Running"
        made = job(tmp_path, sources=("Azure",))
        made.host = made.host.but(dmi=Dmi(**MARK))
        before, found = here.picture(), []
        imds, wire = (there.inside(lambda at=at: Server(cloud, at, 80)) for at in ("169.254.169.254", "168.63.129.16"))
        with imds, wire:
            thread = threading.Thread(target=lambda: found.append(here.inside(whoami.ask, made, Stage.LOCAL)))
            thread.start()
            until(lambda: "owner for this machine" in str(made.report.data["waiting"]))
            there.run("ip link set srv0 down")
            cloud.instance["extended"]["compute"]["ppsType"] = "None"
            cloud.reprovision = OWNER
            there.run("ip link set srv0 up")
            thread.join(60)
        assert here.picture() == before
    assert (found[0].hostname, found[0].user_data) == ("owner-07", b"#cloud-config\n")
    assert found[0].metadata["wireserver"] == "http://168.63.129.16"
    assert made.state.notes("azure") == {}
    assert len(cloud.health) == 1
