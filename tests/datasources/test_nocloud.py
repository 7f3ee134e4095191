import os

import pytest

from cloudboot.datasource import Probe
from cloudboot.datasources.nocloud import DATASOURCE
from cloudboot.errors import Absent, Invalid, Missing, NotYet, Unreachable
from cloudboot.values import Disk, Dmi, FileView, Host, Instance
from tests.media import images

OWN, OTHER = "/var/lib/cloudboot/seed/nocloud/", "/var/lib/cloud/seed/nocloud-net/"
SERIAL = "ds=nocloud;h=serial;i=i-serial"


def seed(folder, metadata="instance-id: i-folder\nlocal-hostname: folder\n", user="#!folder"):
    return {f"{folder}meta-data": metadata.encode(), f"{folder}user-data": user.encode()}


def machine(files=(), **known):
    return Host(files=FileView(dict(files)), **known)


class Asked:
    """`fetch` on a host: what it gives, what it warns of, which addresses it asks for."""

    def __init__(self, host, settings=(), stage="local", web=(), media=()):
        self.warnings, self.urls, self.host = [], [], host
        web, media = dict(web), dict(media)

        def url(address):
            self.urls.append(address)
            if address not in web:
                raise Missing(f"{address}: 404")
            return web[address]

        def open_device(path):
            if path not in media:
                raise Unreachable(f"{path} cannot be opened")
            return os.open(media[path], os.O_RDONLY)

        self.probe = Probe(host, dict(settings), stage, host.files.read, host.files.names, open_device, url,
                           warn=self.warnings.append)  # fmt: skip

    def instance(self):
        return DATASOURCE.fetch(self.probe)


def fetched(*args, **given):
    return Asked(*args, **given).instance()


@pytest.fixture(scope="module")
def disc(tmp_path_factory):
    files = {"meta-data": b"instance-id: i-disc\nlocal-hostname: disc\nkey: disc\n", "user-data": b"#!disc",
             "vendor-data": b"vendor", "network-config": b"version: 2\n"}  # fmt: skip
    return images.xorriso(tmp_path_factory.mktemp("disc"), files)


# recognised by


@pytest.mark.parametrize(
    "host, settings, why",
    [
        (machine(cmdline="ro ds=nocloud"), {}, "kernel command line"),
        (machine(cmdline="cloudboot.seed=/x"), {}, "kernel command line"),
        (machine(dmi=Dmi(product_serial=f"S-1 {SERIAL}")), {}, "serial number"),
        (machine(seed(OWN)), {}, OWN),
        (machine(seed(OTHER)), {}, OTHER),
        (machine(seed(f"/writable/system-data{OTHER}")), {}, "/writable/system-data"),
        (machine(), {"seedfrom": "/x"}, "names a seed"),
        (machine(), {"user-data": "", "meta-data": ""}, "holds a seed"),
        (machine(disks=(Disk("/dev/sr0", "iso9660", "cidata"),)), {}, "/dev/sr0"),
        (machine(disks=(Disk("/dev/sr0", "iso9660", "CIDATA"),)), {}, "/dev/sr0"),
        (machine(disks=(Disk("/dev/vdb", "vfat", fat_label="CIDATA"),)), {}, "/dev/vdb"),
        (machine(disks=(Disk("/dev/vdb", label="cidata"),)), {}, "/dev/vdb"),
        (machine(disks=(Disk("/dev/vdb", "vfat", "seed"),)), {"fs_label": "seed"}, "/dev/vdb"),
    ],
)
def test_a_machine_with_a_seed_is_recognised(host, settings, why):
    assert why in DATASOURCE.detect(host, settings).why


@pytest.mark.parametrize(
    "host, settings",
    [
        (machine(), {}),
        (machine(cmdline="ds=ec2 ds=nocloudy"), {}),
        (machine({f"{OWN}meta-data": b""}), {}),
        (machine(), {"user-data": "x"}),
        (machine(disks=(Disk("/dev/vdb", "ext4", "cidata"), Disk("/dev/vdc", "vfat", "data"))), {}),
        (machine(disks=(Disk("/dev/sr0", "iso9660", "cidata"),)), {"fs_label": None}),
    ],
)
def test_a_machine_without_one_is_not(host, settings):
    assert DATASOURCE.detect(host, settings) is None


# where seeds are read


def test_a_seed_folder_is_read():
    instance = fetched(machine(seed(OWN)))
    assert (instance.id, instance.hostname, instance.user_data) == ("i-folder", "folder", b"#!folder")
    assert (instance.datasource, instance.platform) == ("nocloud", "nocloud")
    assert instance.subplatform == "seed-dir (/var/lib/cloudboot/seed/nocloud)" and instance.local


def test_the_first_whole_seed_folder_counts():
    files = {f"{OWN}meta-data": b"instance-id: half", **seed(OTHER)}
    assert fetched(machine(files)).id == "i-folder"
    assert fetched(machine({**seed(OWN, "instance-id: first"), **seed(OTHER)})).id == "first"


def test_a_labelled_medium_is_read_without_mounting_it(disc):
    instance = fetched(machine(disks=(Disk("/dev/sr0", "iso9660", "cidata"),)), media={"/dev/sr0": disc})
    assert (instance.id, instance.user_data, instance.vendor_data) == ("i-disc", b"#!disc", (b"vendor",))
    assert instance.network == {"version": 2} and instance.subplatform == "config-disk (/dev/sr0)"


def test_of_several_media_the_last_that_holds_a_seed_counts(disc, tmp_path):
    disks = tuple(Disk(f"/dev/sr{i}", "iso9660", "cidata") for i in range(3))
    (tmp_path / "broken").write_bytes(b"broken")
    empty = images.xorriso(tmp_path, {"readme": b""})
    asked = Asked(machine(disks=disks), media={"/dev/sr0": disc, "/dev/sr1": tmp_path / "broken", "/dev/sr2": empty})
    assert asked.instance().id == "i-disc"
    assert "/dev/sr2 is labelled as a seed and has no meta-data" in asked.warnings[0]
    assert "/dev/sr1: this medium is neither" in asked.warnings[1]


def test_a_medium_that_cannot_be_read_is_never_taken_for_no_seed():
    with pytest.raises(Unreachable):
        fetched(machine(disks=(Disk("/dev/sr0", "iso9660", "cidata"),)))


def test_what_was_recognised_may_be_gone():
    with pytest.raises(Absent):
        fetched(machine())


def test_of_meta_data_the_first_source_counts_and_of_user_data_the_last(disc):
    host = machine(seed(OWN, "local-hostname: folder\nkey: folder\n"), dmi=Dmi(product_serial=SERIAL),
                   cmdline="ds=nocloud;i=i-line;extra=line",
                   disks=(Disk("/dev/sr0", "iso9660", "cidata"),))  # fmt: skip
    instance = fetched(host, media={"/dev/sr0": disc})
    assert instance.metadata == {"local-hostname": "serial", "instance-id": "i-serial", "dsmode": "local",
                                 "extra": "line", "key": "folder"}  # fmt: skip
    assert (instance.user_data, instance.network) == (b"#!disc", {"version": 2})


def test_a_seed_in_the_configuration_is_joined():
    instance = fetched(machine(), {"user-data": "#!inline", "meta-data": "instance-id: i-inline"})
    assert (instance.id, instance.user_data) == ("i-inline", b"#!inline")


def test_on_the_command_line_alone_there_is_no_user_data():
    assert fetched(machine(cmdline="ds=nocloud;h=web1")).but(metadata={}) == Instance(
        "nocloud", "nocloud", "seed-dir (on the kernel command line)", "web1", platform="nocloud")  # fmt: skip


def test_inside_lxd_the_platform_is_lxd():
    assert fetched(machine({**seed(OWN), "/dev/lxd/sock": b""})).platform == "lxd"


# seeds at addresses

WEB = {
    "http://x/S1/meta-data": b"instance-id: i-web\nlocal-hostname: web\n",
    "http://x/S1/user-data": b"#!web",
    "http://x/S1/network-config": b"network: {version: 1, config: []}\n",
}
TOLD = machine(dmi=Dmi(product_serial="S1"), cmdline="ds=nocloud;h=line;s=http://x/__dmi.system-serial-number__/")


def test_a_seed_at_an_address_waits_for_the_network():
    with pytest.raises(NotYet):
        fetched(TOLD)


def test_a_seed_at_an_address_gives_what_was_not_said_before():
    asked = Asked(TOLD, stage="network", web=WEB)
    instance = asked.instance()
    assert (instance.id, instance.hostname, instance.user_data) == ("i-web", "line", b"#!web")
    assert instance.network == {"version": 1, "config": []} and not instance.local
    assert asked.urls == [f"http://x/S1/{n}" for n in ("network-config", "meta-data", "user-data", "vendor-data")]


def test_data_at_an_address_takes_the_place_of_all_that_lay_here(disc):
    host = TOLD.but(disks=(Disk("/dev/sr0", "iso9660", "cidata"),))
    instance = fetched(host, stage="network", web=WEB, media={"/dev/sr0": disc})
    assert (instance.id, instance.user_data, instance.vendor_data) == ("i-disc", b"#!web", ())


def test_an_address_without_a_whole_seed_is_missing_never_an_empty_instance():
    with pytest.raises(Missing, match="not both meta-data and user-data"):
        fetched(TOLD, stage="network", web={"http://x/S1/meta-data": b""})


@pytest.mark.parametrize("source", ["/seeds/%s.txt", "file:///seeds/%s.txt"])
def test_a_seed_at_a_path_is_read_before_there_is_a_network(source):
    files = {"/seeds/meta-data.txt": b"instance-id: i-path", "/seeds/user-data.txt": b""}
    instance = fetched(machine(files, cmdline=f"cloudboot.seed={source}"))
    assert instance.id == "i-path" and instance.local


def test_the_address_in_the_configuration_wins_over_one_in_a_folder():
    files = {**seed(OWN, "seedfrom: /one/"), **seed("/two/", "instance-id: two")}
    assert fetched(machine(files), {"seedfrom": "/two/"}).id == "two"


def test_what_is_no_address_is_refused():
    with pytest.raises(Invalid, match="no address; begin it with http://"):
        fetched(machine(cmdline="ds=nocloud;s=seed.example.com"))


# when


@pytest.mark.parametrize("mode, local", [("net", False), ("local", True)])
def test_a_seed_may_say_that_it_is_for_the_network_stage(mode, local):
    assert fetched(machine(seed(OWN, f"dsmode: {mode}"))).local is local


def test_a_seed_may_be_switched_off():
    with pytest.raises(Absent, match="disabled"):
        fetched(machine(seed(OWN, "dsmode: disabled")))


# still the same


@pytest.mark.parametrize(
    "host, answer",
    [
        (machine(cmdline="ds=nocloud;i=i-1"), True),
        (machine(cmdline="ds=nocloud;i=i-2"), False),
        (machine(seed(OWN, "instance-id: i-1")), True),
        (machine(seed(OTHER, "instance-id: i-2")), False),
        (machine(seed(OWN, "a: [")), None),
        (machine(cmdline="ds=nocloud;s=http://x/"), None),
        (machine(disks=(Disk("/dev/sr0", "iso9660", "cidata"),)), None),
    ],
)
def test_the_instance_is_told_again_where_that_needs_no_medium_and_no_network(host, answer):
    assert DATASOURCE.same(host, Instance("i-1")) is answer


def handed(**given):
    return Host(credentials=FileView({f"cloudboot.{name.replace('_', '-')}": value for name, value in given.items()}))


def test_credentials_are_a_seed():
    machine = handed(
        user_data=b"#cloud-config\n{}\n",
        meta_data=b"instance-id: i-cred\nlocal-hostname: web1\n",
        network_config=b"version: 2\nethernets: {eth0: {dhcp4: true}}\n",
        vendor_data=b"#!/bin/sh\n",
    )
    assert DATASOURCE.detect(machine, {}).sure
    found = Asked(machine).instance()
    assert (found.id, found.hostname, found.user_data) == ("i-cred", "web1", b"#cloud-config\n{}\n")
    assert (found.network["version"], found.vendor_data) == (2, (b"#!/bin/sh\n",))
    assert found.subplatform == "seed-dir (credentials)"


def test_what_was_handed_for_the_system_at_large_fills_what_a_seed_leaves_open():
    system = {"system.hostname": b"box\n", "ssh.authorized_keys.root": b"ssh-ed25519 AAAA root\n"}
    machine = Host(credentials=FileView({**system, "cloudboot.user-data": b"#cloud-config\n{}\n"}))
    found = Asked(machine).instance()
    assert (found.hostname, found.ssh_keys) == ("box", ("ssh-ed25519 AAAA root",))
    machine = Host(
        credentials=FileView({**system, "cloudboot.meta-data": b"local-hostname: own\npublic-keys: [K a]\n"})
    )
    found = Asked(machine).instance()
    assert (found.hostname, found.ssh_keys) == ("own", ("K a",))


def test_what_was_handed_for_the_system_at_large_alone_is_no_seed():
    assert DATASOURCE.detect(Host(credentials=FileView({"ssh.authorized_keys.root": b"k"})), {}) is None
