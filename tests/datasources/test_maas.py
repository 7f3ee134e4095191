import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.values import Instance
from datasources import maas
from tests.clouds import QUICK, WELL, host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Answer, Server

KEYS = {"consumer_key": "key", "token_key": "token", "token_secret": "se&cret"}


def fetched(server, **settings):
    return maas.fetch(probe(host(), **{"metadata_url": f"{server.url}/MAAS/metadata/", **WELL, **settings}))


def test_a_machine_is_what_the_files_say():
    with Server(clouds.maas()) as server:
        found = fetched(server)
    assert found.but(subplatform="", metadata={}) == Instance(
        "node-1", hostname="node1.maas", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n",
        vendor_data=(b"#cloud-config\n{}",), cloud_name="maas", platform="maas",
    )  # fmt: skip
    assert server.connections == 1


@pytest.mark.parametrize(
    ("told", "parts"),
    [("cloud-init: '#!/bin/sh'\n", (b"#!/bin/sh",)), ("plain text", (b"plain text",)), ("- a\n- b\n", (b"a", b"b"))],
)
def test_vendor_data_is_a_document_or_holds_one(told, parts):
    cloud = clouds.maas()
    cloud.leaves["/MAAS/metadata/2012-03-01/meta-data/vendor-data"] = told.encode()
    with Server(cloud) as server:
        assert fetched(server).vendor_data == parts


def test_requests_are_signed_and_the_secret_is_escaped():
    with Server(clouds.maas()) as server:
        fetched(server, **KEYS)
    told = server.requests[0].headers["authorization"]
    assert told.startswith("OAuth ")
    fields = dict(part.split("=", 1) for part in told[6:].split(", "))
    assert fields["oauth_signature"] == '"%26se%2526cret"'
    assert (fields["oauth_consumer_key"], fields["oauth_token"]) == ('"key"', '"token"')
    assert len({r.headers["authorization"] for r in server.requests}) == len(server.requests)


def test_a_clock_that_is_wrong_is_set_by_the_refusal():
    inner, seen = clouds.maas(), []

    def strict(request):
        stamp = int(request.headers["authorization"].partition('oauth_timestamp="')[2].partition('"')[0])
        seen.append(stamp)
        if abs(stamp - 4102444800) > 60:
            return Answer(401, "", {"Date": "Fri, 01 Jan 2100 00:00:00 GMT"})
        return inner(request)

    with Server(strict) as server:
        assert fetched(server, **KEYS).id == "node-1"
    assert len([stamp for stamp in seen if stamp < 4102444000]) == 1


def test_a_refusal_that_is_not_the_clocks_fault_is_final():
    with Server(lambda request: Answer(401)) as server, pytest.raises(Unreachable, match="401"):
        fetched(server, **KEYS)


@pytest.mark.parametrize("fault", ["503", "silence", "html"])
def test_a_server_that_misbehaves_is_a_named_failure_without_secrets(fault):
    with Server(clouds.maas()) as server:
        server.fault(fault)
        with pytest.raises(Unreachable, match="MAAS") as caught:
            fetched(server, **KEYS, **QUICK)
    assert "cret" not in str(caught.value)


def test_what_each_machine_has_is_asked_for_until_it_is_there():
    with Server(clouds.maas()) as server:
        server.fault("404", match="GET */instance-id", times=2)
        server.fault("404", match="GET */user-data", times=1)
        found = fetched(server)
    assert (found.id, found.user_data) == ("node-1", b"#cloud-config\n")


def test_the_configuration_says_where_it_is():
    assert maas.detect(host(), {"metadata_url": "http://192.0.2.1/MAAS"}).sure
    assert maas.detect(host(), {}) is None
    with pytest.raises(Absent, match="metadata_url"):
        maas.fetch(probe(host()))


def test_a_seed_in_the_image_holds_the_same_files():
    top = "/var/lib/cloud/seed/maas"
    files = {f"{top}/meta-data/instance-id": b"node-2\n", f"{top}/meta-data/local-hostname": b"node2.maas\n",
             f"{top}/user-data": b"#cloud-config\n"}  # fmt: skip
    machine = host(files)
    assert maas.detect(machine, {}).sure
    found = maas.fetch(probe(machine))
    assert (found.id, found.hostname, found.user_data) == ("node-2", "node2.maas", b"#cloud-config\n")
