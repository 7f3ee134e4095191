"""Each cloud by each way in which its service goes wrong: a right instance, or a named failure within its time; never a
hang, another machine's id, or half a configuration. What came of it is written to build/fault-matrix/CLOUD.txt."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cloudboot import registry
from cloudboot.errors import CloudbootError
from tests import needs
from tests.clouds import host, probe
from tests.datasources import test_cloudcix, test_nwcs
from tools.mock_cloud import clouds
from tools.mock_cloud.azure import Azure, instance
from tools.mock_cloud.ec2 import Ec2
from tools.mock_cloud.ec2 import example as ec2_example
from tools.mock_cloud.openstack import OpenStack
from tools.mock_cloud.openstack import example as openstack_example
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import Tree

TABLES = Path(__file__).resolve().parent.parent.parent / "build/fault-matrix"
NICS = {"eth0": clouds.MAC, "eth1": clouds.MAC2}
UUID = "ec2e1916-9099-7caf-fd21-012345abcdef"
CLOUDS = {  # the datasource, its service, its machine's firmware, what else is set
    "ec2": ("ec2", lambda: Ec2(ec2_example()), {"product_uuid": UUID, "sys_vendor": "Amazon EC2"}, {}),
    "ec2-clone": ("ec2", lambda: Ec2(ec2_example(), tokens=False), {"sys_vendor": "e24cloud"}, {}),
    "openstack": ("openstack", lambda: OpenStack(openstack_example()), {"product_name": "OpenStack Nova"}, {}),
    "azure": ("azure", lambda: Azure(instance()), {"product_uuid": UUID}, {}),
    "gce": ("gce", clouds.gce, {"product_name": "Google Compute Engine"}, {}),
    "oracle": ("oracle", clouds.oracle, {"chassis_asset_tag": "OracleCloud.com"}, {}),
    "digitalocean": ("digitalocean", clouds.digitalocean, {"sys_vendor": "DigitalOcean"}, {}),
    "hetzner": ("hetzner", clouds.hetzner, {"sys_vendor": "Hetzner", "product_serial": "4711"}, {}),
    "vultr": ("vultr", clouds.vultr, {"sys_vendor": "Vultr"}, {}),
    "upcloud": ("upcloud", clouds.upcloud, {"sys_vendor": "UpCloud"}, {}),
    "scaleway": ("scaleway", clouds.scaleway, {"sys_vendor": "Scaleway"}, {}),
    "aliyun": ("aliyun", clouds.aliyun, {"product_name": "Alibaba Cloud ECS"}, {}),
    "akamai": ("akamai", clouds.akamai, {"sys_vendor": "Akamai", "product_serial": "123456"}, {}),
    "exoscale": ("exoscale", clouds.exoscale, {"product_name": "Exoscale Compute"}, {"password_server_port": 0}),
    "cloudstack": ("cloudstack", clouds.cloudstack, {"product_name": "CloudStack KVM"}, {"password_server_port": 0}),
    "maas": ("maas", clouds.maas, {}, {"path": "/MAAS/metadata"}),
    "nwcs": ("nwcs", lambda: Tree({"/api/v1/metadata": test_nwcs.META}), {"sys_vendor": "NWCS"}, {}),
    "cloudcix": ("cloudcix", lambda: Tree(test_cloudcix.TREE), {"product_name": "CloudCIX"}, {}),
}
BROKEN = [  # no whole answer comes
    "reset-on-accept", "reset-in-head", "reset-in-body", "hang-up", "silence", "slow-head", "slow-body", "truncated",
    "length-too-long", "length-too-short", "length:-1", "length:junk", "length:99999999999999999999", "two-lengths",
    "chunks-garbled", "head-endless", "headers-endless", "continue-forever", "not-http", "http-0.9", "encoded",
]  # fmt: skip
BUSY = ["429", "500", "502", "503", "504", "503:retry-after=0", "429:retry-after=junk", "503:retry-after=-1",
        "503:retry-after=nan", "503:retry-after=Thu, 01 Jan 1970 00:00:00 GMT"]  # fmt: skip
NO = ["400", "401", "403", "405", "501", "redirect:http://192.0.2.1/", "redirect:file:///etc/passwd", "redirect-loop",
      "503:retry-after=86400", "429:retry-after=inf", "chunks-endless", "body-endless", "huge:17000000"]  # fmt: skip
NOTHING = ["404", "410"]
LIES = ["empty", "html", "body:{}", "body:null", "body:[]", "body:\0", "body:NaN", 'body:{"a": 1e999}',
        "body:" + "[" * 3000, "204"]  # fmt: skip
SOMETIMES = ["delay:0.001", "throttle:200", "flap:0.01,0.03"]  # right in the end
FIELDS = ("hostname", "ssh_keys", "user_data", "vendor_data", "network")
LONGEST = 30


class Row:
    """What one cloud does."""

    def __init__(self, name):
        self.name = name
        self.source, self.cloud, dmi, self.settings = CLOUDS[name]
        self.source, self.machine = registry.datasource(self.source), host(nics=NICS, **dmi)
        with Server(self.cloud()) as server:
            self.well = self.fetch(server, max_wait=20, timeout=5)
            asked = list(dict.fromkeys(server.paths()))
        reads = [path for path in asked if path.startswith("GET")]
        self.places = list(dict.fromkeys(["*", asked[0], reads[0], reads[len(reads) // 2], reads[-1]]))

    def fetch(self, server, warn=lambda text: None, **settings):
        settings = {**self.settings, **settings}
        url = server.url + settings.pop("path", "")
        if "password_server_port" in settings:
            settings["password_server_port"] = server.port
        return self.source.fetch(
            probe(self.machine, server, metadata_url=url, metadata_urls=[url], **settings).but(warn=warn)
        )

    def cells(self):
        for place in self.places:
            yield from ((fault, place, None) for fault in (*BROKEN, *BUSY, *NO, *NOTHING, *LIES))
        yield from ((fault, "*", 2) for fault in (*BROKEN, *BUSY))
        yield from ((fault, "*", 10000) for fault in SOMETIMES)

    def outcome(self, cell):
        """One word, and what is wrong with it."""
        fault, place, times = cell
        warned = []
        patience = {"max_wait": 25, "timeout": 0.5} if times else {"max_wait": 0.1, "timeout": 0.05}
        began = time.monotonic()
        with Server(self.cloud()) as server:
            server.fault(fault, match="ACCEPT" if fault == "reset-on-accept" else escaped(place), times=times)
            try:
                told = self.fetch(server, warned.append, **patience)
            except CloudbootError as problem:
                word, wrong = "failure", "it should have come right" if times else "" if len(str(problem)) > 10 else "?"
            else:
                word, wrong = self.judged(told, fault, bool(warned))
        if time.monotonic() - began > LONGEST:
            word, wrong = "late", "it took too long"
        return word, wrong

    def judged(self, told, fault, warned):
        other = [field for field in FIELDS if getattr(told, field) != getattr(self.well, field)]
        if told.id != self.well.id:
            return "OTHER ID", f"the id is {told.id}"
        if not other:
            return "right", ""
        lost = [field for field in other if not getattr(told, field)]
        if fault in LIES or fault in NOTHING or (lost == other and warned):
            return "less", ""
        return "HALF", f"{', '.join(other)}: not as the cloud says, and nobody is told"


def escaped(place):
    return place if place == "*" else place.replace("[", "[[]").replace("?", "[?]")


@pytest.mark.parametrize("name", CLOUDS)
def test_whatever_its_service_does_a_machine_is_right_or_says_why_not(name):
    if name == "scaleway":
        needs.root()  # a port below 1024
    row = Row(name)
    cells = list(row.cells())
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(row.outcome, cells))
    TABLES.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{word:8} {fault[:40]!r:42} {place}{f' x{times}' if times else ''} {wrong}"
        for (fault, place, times), (word, wrong) in zip(cells, outcomes)
    ]
    (TABLES / f"{name}.txt").write_text("\n".join(lines) + "\n")
    assert [line for line, (_, wrong) in zip(lines, outcomes) if wrong] == []
    assert "right" in {word for word, _ in outcomes}
    assert "failure" in {word for word, _ in outcomes}
