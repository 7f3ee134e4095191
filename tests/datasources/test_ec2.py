import os
from binascii import b2a_base64

import pytest

from cloudboot.errors import Unreachable
from cloudboot.http.tree import leaf
from datasources import ec2
from tests import beside
from tests.clouds import QUICK, host, probe
from tools.mock_cloud.ec2 import VERSIONS, Ec2, example
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import folder

AWS = {"product_uuid": "EC2E1916-9099-7CAF-FD21-012345ABCDEF", "product_serial": "ec2e1916-9099-7caf-fd21-012345abcdef"}
CLONE = {"product_serial": "srv-abc.gb1.brightbox.com"}
MACS = {"ens5": "06:00:00:00:00:01", "ens6": "06:00:00:00:00:02"}


def fetched(cloud, machine=None, **settings):
    with Server(cloud) as server:
        instance = ec2.fetch(probe(machine or host(**AWS), server, **settings))
    return instance, server


def test_an_instance_is_what_the_tree_says():
    instance, _ = fetched(Ec2(example()))
    assert instance.but(metadata={}, network=None, subplatform="") == instance.but(
        id="i-0mock00000000001",
        hostname="ip-198-51-100-10.ec2.internal",
        ssh_keys=("ssh-ed25519 AAAAC3Mock ops",),
        user_data=b"#cloud-config\n",
        cloud_name="aws",
        platform="ec2",
        region="xx-mock-1",
        availability_zone="xx-mock-1a",
        launch_index=0,
        metadata={},
        network=None,
        subplatform="",
    )
    assert instance.metadata["tags"] == {"instance": {"Name": "web 1"}}
    assert instance.metadata["security-groups"] == ["default", "web"]
    assert instance.metadata["dynamic"]["instance-identity"]["document"]["accountId"] == "000000000000"


def test_credentials_are_left_alone():
    instance, server = fetched(Ec2(example()))
    assert instance.metadata["iam"] == {}
    assert not [path for path in server.paths() if "credentials" in path]


def test_it_takes_one_connection_one_token_and_a_request_for_each_item():
    cloud = Ec2(example())
    _, server = fetched(cloud)
    leaves = [path for path in cloud.leaves if "credentials" not in path]
    below = [path[len("/latest/") :].split("/") for path in leaves if path.startswith("/latest/meta-data/")]
    below.append(["meta-data", "iam", "security-credentials"])
    folders = {"/".join(names[:i]) for names in below for i in range(1, len(names))}
    keys = {"meta-data/public-keys/0"}  # what is below a key is known
    assert (server.connections, cloud.made) == (1, 1)
    assert len(server.requests) == len(leaves) + len(folders - keys) + 1  # the token
    assert len(set(server.paths())) == len(server.requests) == 36


def test_a_service_that_is_far_away_costs_few_round_trips():
    latency = 0.15
    with Server(Ec2(example(nics=2)), latency=latency) as server:
        ec2.fetch(probe(host(**AWS), server))
    pauses = [a for a, b in zip(server.requests, server.requests[1:]) if b.at - a.at > latency * 0.9]
    assert (len(server.requests), server.connections) == (42, 1)
    assert len(pauses) <= 8  # five, where nothing else holds this machine up


def test_the_whole_tree_of_a_real_service_is_read():
    path = f"{beside.folder()}/ec2-imds-tree.json"
    if not os.path.exists(path):
        pytest.skip("there is no such tree beside the project")
    leaves = folder(path)
    instance, server = fetched(Ec2(leaves))
    assert (instance.id, instance.region, server.connections) == ("i-1234567890abcdef0", "us-east-1", 1)
    assert len(server.requests) == 74
    for place, told in Ec2(leaves).leaves.items():
        names = place.split("/")[3:]
        if any(other.startswith(place + "/") for other in leaves):
            continue  # it lists what is below it
        if not place.startswith("/latest/meta-data/") or "credentials" in place or "public-keys" in place:
            continue
        value = instance.metadata
        for name in names:
            value = value[name]
        assert value == leaf(told), place
    assert not [path for path in server.paths() if "credentials" in path]


def test_a_token_is_sent_with_every_request_and_a_new_one_asked_for_when_it_is_void():
    cloud = Ec2(example())
    with Server(cloud) as server:
        server.fault("401", match="GET */ami-id", times=2)
        instance = ec2.fetch(probe(host(**AWS), server))
    assert instance.metadata["ami-id"] == "ami-mock"
    assert cloud.made == 2
    assert all("x-aws-ec2-metadata-token" in r.headers for r in server.requests if r.method == "GET")


@pytest.mark.parametrize(
    "fault", ["403", "404", "400", "405", "silence", "empty", "huge:1000000", "redirect:http://192.0.2.1/"]
)
def test_amazon_is_never_asked_without_a_token(fault):
    with Server(Ec2(example(), tokens=False)) as server:
        server.fault(fault, match="PUT *")
        with pytest.raises(Unreachable, match="token") as caught:
            ec2.fetch(probe(host(**AWS), server, **QUICK))
    assert "hop limit" in caught.value.remedy
    assert {r.method for r in server.requests} == {"PUT"}


def test_a_clone_is_asked_without_a_token():
    instance, server = fetched(Ec2(example(), tokens=False), host(**CLONE))
    assert (instance.cloud_name, instance.platform) == ("brightbox", "ec2")
    assert {r.method for r in server.requests} == {"GET"}


@pytest.mark.parametrize(
    ("versions", "asked"), [(VERSIONS, "2021-03-23"), (VERSIONS[:3], "2016-09-02"), (("1.0",), "latest")]
)
def test_the_newest_version_that_both_know_is_read(versions, asked):
    _, server = fetched(Ec2(example(), versions=versions))
    assert f"GET /{asked}/meta-data/" in server.paths()


def test_a_clone_that_lists_no_versions_is_asked_for_each():
    with Server(Ec2(example(), tokens=False, versions=("2009-04-04",))) as server:
        server.fault("404", match="GET /")
        assert ec2.fetch(probe(host(**CLONE), server)).id == "i-0mock00000000001"


@pytest.mark.parametrize("given", [b"#!/bin/sh\n", b2a_base64(b"#!/bin/sh\n"), b2a_base64(b"\x1f\x8b\x00")])
def test_user_data_that_is_base64_as_a_whole_is_decoded(given):
    instance, _ = fetched(Ec2(example(user_data=given)))
    assert instance.user_data in (b"#!/bin/sh\n", b"\x1f\x8b\x00")


def test_an_instance_without_user_data_and_keys_is_an_instance():
    instance, _ = fetched(Ec2(example(user_data=None, keys=())))
    assert (instance.user_data, instance.ssh_keys) == (b"", ())


def test_an_address_in_the_place_of_a_hostname_becomes_a_name():
    leaves = {**example(), "/latest/meta-data/local-hostname": "198.51.100.10"}
    assert fetched(Ec2(leaves))[0].hostname == "ip-198-51-100-10"


def test_the_network_has_the_interfaces_that_cloud_and_machine_both_have():
    instance, _ = fetched(Ec2(example(nics=3)), host(nics={**MACS, "docker0": "02:42:00:00:00:01"}, **AWS))
    assert sorted(instance.network["ethernets"]) == ["ens5", "ens6"]
    assert instance.network["ethernets"]["ens6"]["routing-policy"][0] == {"from": "198.51.101.10", "table": 101}


def test_only_the_first_interface_is_configured_where_the_image_wants_no_more():
    instance, _ = fetched(Ec2(example(nics=2)), host(nics=MACS, **AWS), apply_full_imds_network_config=False)
    first = {"match": {"macaddress": MACS["ens5"]}, "set-name": "ens5", "dhcp4": True, "dhcp6": False}
    assert instance.network == {"version": 2, "ethernets": {"ens5": first}}


@pytest.mark.parametrize("page", ["html", "empty", "body:", "body:../etc", "body:i-1 i-2"])
def test_what_cannot_be_an_instance_id_is_none(page):
    with Server(Ec2(example())) as server:
        server.fault(page, match="GET */instance-id")
        with pytest.raises(Unreachable, match="no instance id"):
            ec2.fetch(probe(host(**AWS), server))


def test_a_tree_that_has_itself_as_a_branch_ends():
    with Server(Ec2(example())) as server:
        server.fault("body:instance-id\nmore/\nmost/", match="GET */me*/*")
        with pytest.raises(Unreachable, match="tree"):
            ec2.fetch(probe(host(**AWS), server))


SWAPPED = "45E12AEC-DCD1-B213-94ED-012345ABCDEF"


@pytest.mark.parametrize(
    ("machine", "cloud"),
    [
        (host(**AWS), "aws"),
        (host(product_uuid=SWAPPED, product_serial=SWAPPED.lower()), "aws"),
        (host(product_uuid="ec2e1916-9099-7caf-fd21-012345abcdef", bios_version="4.11.amazon"), "aws"),
        (host({"/sys/hypervisor/uuid": b"ec2c6e2f-5fac-4fc7-9c82-74127ec14bbb\n"}), "aws"),
        (host(sys_vendor="Amazon EC2"), "aws"),
        (host(**CLONE), "brightbox"),
        (host(chassis_asset_tag="123456.zstack.io"), "zstack"),
        (host(sys_vendor="e24cloud"), "e24cloud"),
        (host(sys_vendor="Tilaa"), "tilaa"),
        (host(product_name="3DS Outscale VM", sys_vendor="3DS Outscale"), "outscale"),
    ],
)
def test_a_mark_tells_the_cloud(machine, cloud):
    assert ec2.recognise(machine)[0] == cloud
    assert ec2.detect(machine, {}).sure


@pytest.mark.parametrize(
    "machine",
    [
        host(),
        host(product_uuid="ec2e1916-9099-7caf-fd21-012345abcdef", product_serial="other"),  # one UUID in 4096 is such
        host(product_serial="tricky.bobrightbox.com"),
        host(product_name="3DS Outscale VM", sys_vendor="Not 3DS Outscale"),
        host({"/sys/hypervisor/uuid": b"ec2c6e2f-5fac\n"}, product_name="Alibaba Cloud ECS"),
    ],
)
def test_a_machine_without_a_mark_is_none_of_its(machine):
    assert ec2.detect(machine, {}) is None


@pytest.mark.parametrize("strict", [False, "false", "warn", "warn,10"])
def test_a_machine_without_a_mark_is_asked_where_the_image_says_so(strict):
    assert ec2.detect(host(), {"strict_id": strict}).sure is False


@pytest.mark.parametrize(("strict", "warnings"), [("warn", 1), ("warn,10", 1), ("false", 0)])
def test_a_machine_without_a_mark_is_told_of_where_the_image_wants_that(strict, warnings):
    said = []
    with Server(Ec2(example(), tokens=False)) as server:
        instance = ec2.fetch(probe(host(), server, strict_id=strict).but(warn=said.append))
    assert (instance.cloud_name, len(said)) == ("unknown", warnings)


def test_the_ipv6_endpoint_answers_where_the_other_does_not():
    try:
        server = Server(Ec2(example()), host="::1")
    except OSError:
        pytest.skip("there is no IPv6 on this machine")
    with server:
        instance = ec2.fetch(probe(host(**AWS), server, metadata_urls=["http://127.0.0.1:1", server.url]))
    assert instance.subplatform == f"metadata (http://[::1]:{server.port})"
    assert server.connections == 1


def test_the_board_of_a_nitro_machine_tells_whether_it_is_still_the_same():
    instance, _ = fetched(Ec2(example()))
    assert ec2.same(host(board_asset_tag="i-0mock00000000001"), instance) is True
    assert ec2.same(host(board_asset_tag="i-0mock00000000002"), instance) is False
    assert ec2.same(host(), instance) is None
