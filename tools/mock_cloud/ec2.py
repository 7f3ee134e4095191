"""Amazon's instance metadata service, version 2 (and 1 for clones), over a tree of leaves below ``/latest``."""

import time

from tools.mock_cloud.faults import Bucket
from tools.mock_cloud.server import Answer
from tools.mock_cloud.tree import Tree, nested

VERSIONS = ("1.0", "2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23")
LONGEST = 21600
PREFIX = "x-aws-ec2-metadata-token"


class Ec2(Tree):
    """``tokens`` false is a clone; ``rate`` is how many requests a second are served, None for all; ``hops`` how many
    routers a token may pass."""

    def __init__(self, leaves, tokens=True, versions=VERSIONS, rate=None, hops=1):
        super().__init__(leaves)
        self.tokens, self.versions, self.hops = tokens, versions, hops
        self.valid, self.made = {}, 0
        self._bucket = Bucket(rate) if rate else None

    def __call__(self, request):
        if self._bucket and not self._bucket.take():
            return Answer(503, "", {"Retry-After": "1"})
        if request.path == "/latest/api/token":
            return self._token(request)
        if self.tokens and self.valid.get(request.headers.get(PREFIX, ""), 0) < time.monotonic():
            return Answer(401, "Unauthorized")
        if request.path == "/":
            return Answer(200, "\n".join((*self.versions, "latest")))
        version, _, rest = request.path[1:].partition("/")
        if version != "latest" and version not in self.versions:
            return Answer(404, "no such version")
        return self.at(f"/latest/{rest}")

    def expire(self):
        """Every token given so far is void."""
        self.valid.clear()

    def _token(self, request):
        if not self.tokens:
            return Answer(404, "no such version")
        if "x-forwarded-for" in request.headers or request.method != "PUT":
            return Answer(403 if request.method == "PUT" else 405)
        wanted = request.headers.get(f"{PREFIX}-ttl-seconds", "")
        if not wanted.isdigit() or not 1 <= int(wanted) <= LONGEST:
            return Answer(400)
        self.made += 1
        token = f"AQAEAmock{self.made:08}=="
        self.valid[token] = time.monotonic() + int(wanted)
        return Answer(200, token, {f"{PREFIX}-ttl-seconds": wanted}, self.hops)


def example(
    name="i-0mock00000000001",
    user_data=b"#cloud-config\n",
    keys=("ssh-ed25519 AAAAC3Mock ops",),
    nics=1,
    hostname="ip-198-51-100-10.ec2.internal",
    macs=(),
):
    """The leaves of an instance with made-up values."""
    cards = {}
    for i, mac in enumerate(macs or [f"06:00:00:00:00:0{i + 1}" for i in range(nics)]):
        net = f"198.51.{100 + i}"
        cards[mac] = {
            "device-number": str(i), "interface-id": f"eni-mock{i}", "local-ipv4s": [f"{net}.10", f"{net}.11"][: i + 1],
            "subnet-ipv4-cidr-block": f"{net}.0/24", "vpc-id": "vpc-mock",
        }  # fmt: skip
    meta = {
        "instance-id": name, "ami-id": "ami-mock", "ami-launch-index": "0", "instance-type": "t3.mock",
        "local-hostname": hostname, "local-ipv4": "198.51.100.10", "mac": next(iter(cards)),
        "placement": {"availability-zone": "xx-mock-1a", "region": "xx-mock-1"},
        "block-device-mapping": {"ami": "/dev/xvda", "root": "/dev/xvda"},
        "security-groups": ["default", "web"], "services": {"domain": "amazonaws.com", "partition": "aws"},
        "network": {"interfaces": {"macs": cards}}, "tags": {"instance": {"Name": "web 1"}},
        "public-keys": {str(i): {"openssh-key": key} for i, key in enumerate(keys)},
        "iam": {"security-credentials": {"role": "{\"SecretAccessKey\": \"not for an agent\"}"}},
    }  # fmt: skip
    leaves = nested("/latest/meta-data", meta)
    leaves["/latest/dynamic/instance-identity/document"] = {
        "instanceId": name, "region": "xx-mock-1", "availabilityZone": "xx-mock-1a", "accountId": "000000000000",
    }  # fmt: skip
    if user_data:
        leaves["/latest/user-data"] = user_data
    return leaves
