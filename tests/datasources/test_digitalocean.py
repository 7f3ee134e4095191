from cloudboot.values import Instance
from datasources import digitalocean
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server


def fetched():
    with Server(clouds.digitalocean()) as server:
        return digitalocean.fetch(probe(host(sys_vendor="DigitalOcean"), server))


def test_a_droplet_is_what_its_document_says():
    found = fetched()
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "1000001",
        hostname="web1",
        ssh_keys=(clouds.KEY,),
        user_data=b"#cloud-config\n",
        vendor_data=(b"#!/bin/sh\n",),
        cloud_name="digitalocean",
        platform="digitalocean",
        region="ex1",
    )


def test_only_the_public_address_leads_out():
    public, private, dns = fetched().network["config"]
    assert (public["name"], public["mac_address"]) == ("eth0", clouds.MAC)
    assert [(s["address"], s.get("gateway")) for s in public["subnets"]] == [
        ("198.51.100.10", "198.51.100.1"),
        ("2001:db8::10/64", "2001:db8::1"),
        ("192.0.2.5", None),
    ]
    assert [(s["address"], s.get("gateway")) for s in private["subnets"]] == [("10.1.0.2", None)]
    assert dns == {"type": "nameserver", "address": ["192.0.2.53"]}


def test_a_droplet_is_told_by_its_maker_and_serial_number():
    assert digitalocean.detect(host(sys_vendor="DigitalOcean"), {}).sure
    assert digitalocean.detect(host(sys_vendor="Digital"), {}) is None
    assert digitalocean.same(host(product_serial="1000001"), Instance("1000001")) is True
    assert digitalocean.same(host(product_serial="1000002"), Instance("1000001")) is False
    assert digitalocean.same(host(), Instance("1000001")) is None
