"""Exchanges and media that were recorded elsewhere: the instance that each of them tells of."""

import base64

import pytest

from cloudboot import registry
from tests.beside import load
from tests.clouds import host, probe
from tools.mock_cloud.azure import Azure
from tools.mock_cloud.server import Answer, Server

SEEDS = {"azure": "/var/lib/cloud/seed/azure", "opennebula": "/var/lib/cloud/seed/opennebula"}
DMI = {
    "aws": {"product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef", "sys_vendor": "Amazon EC2"},
    "openstack": {"product_name": "OpenStack Nova"},
    "aliyun": {"product_name": "Alibaba Cloud ECS"},
    "gce": {"product_name": "Google Compute Engine"},
}


UNRECORDED = {  # expectations that stand on what no recording holds
    ("azure", "public_keys"): "keys that came out of the wire server's certificates",
    ("opennebula", "hostname"): "the name that the machine had before",
}


class Recorded:
    """Says to each request what was said to it then; what was said last, once all has been said."""

    def __init__(self, exchanges):
        self.said = {("PUT", "/latest/api/token"): [Answer(200, "a-token")]}  # not in each recording
        for exchange in exchanges:
            if "fe80:" not in exchange["url"]:
                path = "/" + exchange["url"].split("//", 1)[1].partition("/")[2]
                answer = Answer(exchange.get("status", 501), exchange.get("body") or "")
                self.said.setdefault((exchange["method"], path), []).append(answer)

    def __call__(self, request):
        answers = self.said.get((request.method, request.target), [Answer(404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]


def imds(expected):
    """What Azure's metadata service must have said for this outcome; the recording has only the disc."""
    cards = [
        {
            "macAddress": entry["match"]["macaddress"].replace(":", ""),
            "ipv4": {"ipAddress": [{"privateIpAddress": "10.0.0.4"}], "subnet": []},
        }
        for entry in expected["network_config"].get("ethernets", {}).values()
    ]
    compute = {
        "location": expected["region"],
        "platformFaultDomain": expected["availability_zone"],
        "publicKeys": [{"keyData": key, "path": "/k"} for key in expected["public_keys"]],
        "osProfile": {"computerName": expected["hostname"]},
        "userData": base64.b64encode(expected["userdata_raw"].encode()).decode(),
    }
    return {"compute": compute, "network": {"interface": cards}}


def machine(case):
    """The machine on which this was told."""
    expected, name = case["expected"], case["datasource"].lower()
    files = {f"{SEEDS[name]}/{path}": text.encode() for path, text in (case["seed"] or {}).items()}
    dmi = dict(DMI.get(expected["cloud_name"], {}))
    nics = {}
    if name == "azure":
        dmi["product_uuid"] = expected["instance_id"]
        nics = {
            name: entry["match"]["macaddress"]
            for name, entry in expected["network_config"].get("ethernets", {}).items()
        }
    return host(files, nics, **dmi)


def normalised(instance):
    """As the case tells it."""
    return {
        "availability_zone": instance.availability_zone,
        "cloud_name": instance.cloud_name or instance.datasource,
        "hostname": instance.hostname,
        "instance_id": instance.id,
        "network_config": instance.network,
        "platform": instance.platform or instance.cloud_name,
        "public_keys": [*instance.ssh_keys],
        "region": instance.region,
        "userdata_raw": instance.user_data.decode(),
        "vendordata_raw": b"".join(instance.vendor_data).decode(),
    }


@pytest.mark.parametrize("case", load("metadata"))
def test_a_recorded_exchange_tells_the_instance_that_it_told_then(case):
    if case["http"] and not any(case["expected"]["instance_id"] in (e.get("body") or "") for e in case["http"]):
        pytest.skip("the recording does not hold the metadata itself")
    expected, source = case["expected"], registry.datasource(case["datasource"])
    settings = dict(case["sys_cfg"].get("datasource", {}).get(case["datasource"], {}))
    settings = {key: value for key, value in settings.items() if key not in ("max_wait", "timeout")}
    azure = source.name == "azure" and expected["region"]
    cloud = Azure(imds(expected)) if azure else Recorded(case["http"])
    with Server(cloud) as server:
        if "metadata_url" in settings:
            settings["metadata_urls"] = [server.url + "/MAAS/metadata"]
        instance = source.fetch(probe(machine(case), server, **settings).but(user="ubuntu")).but(datasource=source.name)
    expected["public_keys"] = list(dict.fromkeys(key.strip() for key in expected["public_keys"]))
    told = {key for key in expected if azure or (source.name, key) not in UNRECORDED}
    known = {key: value for key, value in expected.items() if value and key in told}
    if source.name == "azure":
        known["instance_id"] = expected["instance_id"].lower()  # kernels differ in its case
    assert {key: value for key, value in normalised(instance).items() if key in known} == known
    assert instance.user_data == (expected["userdata_raw"] or "").encode()
