import json

import pytest

from cloudboot.errors import Absent, Missing
from cloudboot.values import Instance
from datasources import bigstep
from tests.clouds import host, probe

SEED = {"/var/lib/cloud/data/seed/bigstep/url": b"http://192.0.2.1/meta\n"}
TOLD = {"metadata": {"instance-id": "b-1", "local-hostname": "web1", "public-keys": "ssh-rsa A a"},
        "vendordata_raw": "#!/bin/sh\n", "userdata_raw": "#cloud-config\n"}  # fmt: skip


def test_a_machine_is_what_the_document_at_its_address_says():
    found = bigstep.fetch(probe(host(SEED), urls={"http://192.0.2.1/meta": json.dumps(TOLD).encode()}))
    assert found.but(metadata={}) == Instance(
        "b-1", subplatform="metadata", hostname="web1", ssh_keys=("ssh-rsa A a",), user_data=b"#cloud-config\n",
        vendor_data=(b"#!/bin/sh\n",), cloud_name="bigstep", platform="bigstep",
    )  # fmt: skip


def test_a_machine_without_an_address_is_none_of_its():
    assert bigstep.detect(host(SEED), {}).sure
    assert bigstep.detect(host(), {}) is None
    with pytest.raises(Absent):
        bigstep.fetch(probe(host()))
    with pytest.raises(Missing):
        bigstep.fetch(probe(host(SEED)))
