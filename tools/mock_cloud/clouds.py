"""Clouds whose service is a tree of documents, some behind a header or a token. All values are made up."""

import json

from tools.mock_cloud.server import Answer
from tools.mock_cloud.tree import Tree, nested

KEY = "ssh-ed25519 AAAAC3Mock ops"
USER_DATA = "#cloud-config\n"
MAC, MAC2 = "02:00:5e:00:53:01", "02:00:5e:00:53:02"


class Guarded(Tree):
    """``needs`` are headers without which nothing is said (403); ``token`` is the path where a PUT gets one, the header
    that has to come with it, and the header that shows the token afterwards (401 without); ``ports`` those that a
    client may have for what is in ``private``."""

    def __init__(self, leaves, needs=(), token=None, ports=None, private=()):
        super().__init__(leaves)
        self.needs, self.token, self.ports, self.private = dict(needs), token, ports, private
        self.made = 0

    def __call__(self, request):
        if any(request.headers.get(name.lower()) != value for name, value in self.needs.items()):
            return Answer(403, "a header is missing")
        if "x-forwarded-for" in request.headers:
            return Answer(403, "no proxies")
        if self.token:
            path, asking, header = self.token
            if (request.method, request.path) == ("PUT", path):
                if asking.lower() not in request.headers:
                    return Answer(400)
                self.made += 1
                return Answer(200, f"mock-token-{self.made}")
            if request.headers.get(header.lower()) != f"mock-token-{self.made}":
                return Answer(401)
        if self.ports and request.path.startswith(self.private) and request.port not in self.ports:
            return Answer(403, "not from this port")
        return self.at(request.target if request.target in self.leaves else request.path)


def digitalocean():
    public = {
        "mac": MAC, "type": "public",
        "ipv4": {"ip_address": "198.51.100.10", "netmask": "255.255.255.0", "gateway": "198.51.100.1"},
        "ipv6": {"ip_address": "2001:db8::10", "cidr": 64, "gateway": "2001:db8::1"},
        "anchor_ipv4": {"ip_address": "192.0.2.5", "netmask": "255.255.255.0", "gateway": "192.0.2.1"},
    }  # fmt: skip
    private = {
        "mac": MAC2, "type": "private",
        "ipv4": {"ip_address": "10.1.0.2", "netmask": "255.255.0.0", "gateway": "10.1.0.1"},
    }  # fmt: skip
    return Tree({"/metadata/v1.json": {
        "droplet_id": 1000001, "hostname": "web1", "region": "ex1", "public_keys": [KEY], "user_data": USER_DATA,
        "vendor_data": "#!/bin/sh\n", "dns": {"nameservers": ["192.0.2.53"]},
        "interfaces": {"public": [public], "private": [private]},
    }})  # fmt: skip


def hetzner():
    network = {"version": 1, "config": [{"type": "physical", "name": "eth0", "mac_address": MAC,
                                         "subnets": [{"type": "dhcp"}]}]}  # fmt: skip
    meta = {"instance-id": 4711, "hostname": "web1", "public-keys": [KEY], "region": "ex-central",
            "availability-zone": "ex1-dc1", "vendor_data": "#!/bin/sh\n", "network-config": network}  # fmt: skip
    private = [{"mac_address": MAC2, "ip": "10.0.0.2", "network": "10.0.0.0/16"}]
    return Tree({"/hetzner/v1/metadata": meta, "/hetzner/v1/metadata/private-networks": private,
                 "/hetzner/v1/userdata": USER_DATA})  # fmt: skip


def vultr():
    interfaces = [
        {"mac": MAC, "ipv4": {"address": "198.51.100.10", "netmask": "255.255.254.0", "additional": []},
         "ipv6": {"additional": [{"network": "2001:db8:1::", "prefix": "64"}]}, "mtu": 1500},
        {"mac": MAC2, "ipv4": {"address": "10.7.96.3", "netmask": "255.255.240.0",
                               "additional": [{"address": "10.7.96.4", "netmask": "255.255.240.0"}]}, "mtu": 1450},
    ]  # fmt: skip
    return Guarded({"/v1.json": {
        "instanceid": "42506325", "instance-v2-id": "29bea708-2e6e-480a-90ad-0e6b5d5ad62f", "hostname": "",
        "region": {"regioncode": "EX", "countrycode": "XX"}, "public-keys": KEY + "\n", "user-data": USER_DATA,
        "vendor-data": "#cloud-config\n{}\n", "startup-script": "#!/bin/sh\necho secret\n", "interfaces": interfaces,
    }}, {"Metadata-Token": "cloudinit"})  # fmt: skip


def upcloud():
    interfaces = [
        {"index": 1, "mac": MAC, "type": "public", "ip_addresses": [
            {"address": "198.51.100.10", "dhcp": True, "family": "IPv4", "gateway": "198.51.100.1", "dns": [],
             "network": "198.51.100.0/22"},
            {"address": "2001:db8::10", "dhcp": True, "family": "IPv6", "network": "2001:db8::/64"}]},
        {"index": 2, "mac": MAC2, "type": "private", "ip_addresses": [
            {"address": "10.6.0.2", "dhcp": False, "family": "IPv4", "gateway": "", "network": "10.6.0.0/22"}]},
    ]  # fmt: skip
    return Tree({"/metadata/v1.json": {
        "instance_id": "00322b68-0000-4d5c-8000-000000000001", "hostname": "web1", "region": "xx-exa1",
        "public_keys": [KEY], "user_data": USER_DATA, "vendor_data": "",
        "network": {"dns": ["192.0.2.53"], "interfaces": interfaces},
    }})  # fmt: skip


def oracle(version="v2"):
    import base64

    meta = {
        "id": "ocid1.instance.oc1..example", "displayName": "app one", "hostname": "app1", "region": "xx-example-1",
        "ociAdName": "xx-example-1-ad-2", "availabilityDomain": "AAAA:XX-AD-2", "canonicalRegionName": "xx-example-1",
        "metadata": {"ssh_authorized_keys": KEY + "\n", "user_data": base64.b64encode(USER_DATA.encode()).decode()},
    }  # fmt: skip
    vnics = [
        {"vnicId": "ocid1.vnic.a", "macAddr": MAC.upper(), "privateIp": "10.0.0.10", "subnetCidrBlock": "10.0.0.0/24",
         "virtualRouterIp": "10.0.0.1", "vlanTag": 101},
        {"vnicId": "ocid1.vnic.b", "macAddr": MAC2, "privateIp": "10.0.1.10", "subnetCidrBlock": "10.0.1.0/24"},
    ]  # fmt: skip
    needs = {"Authorization": "Bearer Oracle"} if version == "v2" else {}
    return Guarded({f"/opc/{version}/instance/": meta, f"/opc/{version}/vnics/": vnics}, needs)


def gce():
    base, own, project = (
        "/computeMetadata/v1",
        "instance/attributes/?recursive=True",
        "project/attributes/?recursive=True",
    )
    old = 'google-ssh {"userName": "old@example.com", "expireOn": "2001-01-01T00:00:00+0000"}'
    new = 'google-ssh {"userName": "new@example.com", "expireOn": "2999-01-01T00:00:00+0000"}'
    keys = [f"cloudinit:{KEY}", f"admin:ssh-rsa ADMIN {new}", f"admin:ssh-rsa OLD {old}", "other:ssh-rsa OTHER",
            "cloudinit:ssh-rsa NÖ", "no colon"]  # fmt: skip
    return Guarded({
        f"{base}/instance/id": "1234567890123456789",
        f"{base}/instance/zone": "projects/1/zones/xx-example1-b",
        f"{base}/instance/hostname": "app1.xx-example1-b.c.mock.internal",
        f"{base}/{own}": json.dumps({"user-data": USER_DATA, "ssh-keys": "\n".join(keys)}),
        f"{base}/{project}": json.dumps({"ssh-keys": "cloudinit:ssh-rsa PROJECT"}),
    }, {"Metadata-Flavor": "Google"})  # fmt: skip


def scaleway(ports=None):
    meta = {
        "id": "8b2f6a3c-0000-4000-8000-000000000001", "hostname": "scw-web1", "name": "scw-web1", "zone": "xx-exa-1",
        "ssh_public_keys": [{"key": KEY, "fingerprint": "x"}], "tags": ["web", "AUTHORIZED_KEY=ssh-rsa_TAG_me"],
        "public_ips": [
            {"address": "198.51.100.10", "netmask": "32", "gateway": "62.210.0.1", "family": "inet",
             "provisioning_mode": "dhcp"},
            {"address": "198.51.100.11", "netmask": "32", "gateway": "62.210.0.1", "family": "inet",
             "provisioning_mode": "manual"},
            {"address": "2001:db8::10", "netmask": "64", "gateway": "fe80::1", "family": "inet6",
             "provisioning_mode": "slaac"},
        ],
    }  # fmt: skip
    leaves = {"/conf?format=json": meta, "/user_data/cloud-init": USER_DATA}
    return Guarded(leaves, ports=ports, private=("/user_data", "/vendor_data"))


def aliyun(whole=True):
    meta = {
        "instance-id": "i-mock00000001", "hostname": "web1", "region-id": "xx-example", "zone-id": "xx-example-a",
        "public-keys": {"0": {"openssh-key": KEY}},
        "network": {"interfaces": {"macs": {MAC: {"gateway": "172.16.0.253"},
                                            MAC2: {"ipv6s": "[2001:db8::2]"}}}},
    }  # fmt: skip
    leaves = nested("/2016-01-01/meta-data", meta) if not whole else {"/2016-01-01/meta-data/all": meta}
    leaves["/2016-01-01/user-data"] = USER_DATA
    leaves["/2016-01-01/vendor-data"] = "#!/bin/sh\n"
    prefix = "X-aliyun-ecs-metadata-token"
    return Guarded(leaves, token=("/latest/api/token", f"{prefix}-ttl-seconds", prefix))


def akamai():
    import base64

    leaves = {
        "/v1/instance": {"id": 123456, "label": "web1", "region": "xx-example", "tags": ["a"], "type": "g6-nanode-1"},
        "/v1/user-data": base64.b64encode(USER_DATA.encode()),
        "/v1/ssh-keys": {"users": {"root": [KEY]}},
    }
    return Guarded(leaves, token=("/v1/token", "Metadata-Token-Expiry-Seconds", "Metadata-Token"))


class Passwords(Tree):
    """A tree with CloudStack's server of passwords in front: ``password`` is given until it is said to be saved."""

    def __init__(self, leaves, at, password=""):
        super().__init__(leaves)
        self.place, self.password = at, password

    def __call__(self, request):
        if request.path != self.place:
            return self.at(request.path)
        asked = request.headers.get("domu_request")
        if asked == "saved_password":
            self.password = "saved_password"
        return Answer(200, self.password if asked == "send_my_password" else "bad_request")


def exoscale(password=""):
    meta = {"instance-id": "87acc39b-0000-4000-8000-000000000001", "local-hostname": "web1",
            "availability-zone": "xx-exa-1", "public-keys": {"0": {"openssh-key": KEY}}}  # fmt: skip
    leaves = {**nested("/1.0/meta-data", meta), "/1.0/user-data": USER_DATA}
    return Passwords(leaves, "/1.0/", password)


def cloudstack(password=""):
    meta = {"instance-id": "a2c6b8d0-0000-4000-8000-000000000001", "local-hostname": "web1",
            "availability-zone": "zone-1", "service-offering": "small", "local-ipv4": "10.1.1.10"}  # fmt: skip
    leaves = {**nested("/latest/meta-data", meta), "/latest/meta-data/public-keys": KEY, "/latest/user-data": USER_DATA}
    return Passwords(leaves, "/", password)


def maas():
    top = "/MAAS/metadata/2012-03-01"
    return Tree({f"{top}/meta-data/instance-id": "node-1", f"{top}/meta-data/local-hostname": "node1.maas",
                 f"{top}/meta-data/public-keys": KEY + "\n", f"{top}/user-data": USER_DATA,
                 f"{top}/meta-data/vendor-data": "#cloud-config\n{}"})  # fmt: skip
