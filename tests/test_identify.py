import pytest

from cloudboot import settings
from cloudboot.errors import CloudbootError
from cloudboot.identify import Policy, identify, identify_cfg, off, read_policy
from cloudboot.values import FileView, Host

SEED = {"/var/lib/cloudboot/seed/nocloud/meta-data": b"", "/var/lib/cloudboot/seed/nocloud/user-data": b""}
EC2 = {"/sys/hypervisor/uuid": b"ec2c6e2f-5fac-4fc7-9c82-74127ec14bbb\n"}
IDENTIFY_CFG = "/etc/cloud/ds-identify.cfg"


def identified(files=(), cmdline="", **configs):
    files = {**dict(files), **{f"/etc/cloud/{n}.cfg": t.encode() for n, t in configs.items()}}
    host = Host(files=FileView(files), cmdline=cmdline)
    return identify(host, settings.load(host))


def names(*args, **given):
    return [c.name for c in identified(*args, **given).candidates]


def test_what_the_machine_shows_is_found_and_none_comes_last():
    assert names(SEED) == ["nocloud", "none"]


def test_a_machine_of_no_cloud_has_no_datasource_and_all_were_looked_at():
    found = identified()
    assert found.candidates == () and {"nocloud", "ec2"} <= {c.name for c in found.looked}
    assert all(c.evidence is None and c.seconds >= 0 for c in found.looked)


def test_of_several_found_the_order_decides_and_the_policy_may_take_the_first():
    both = {**SEED, **EC2}
    assert names(both) == ["nocloud", "ec2", "none"]
    assert names(both, cloud="datasource_list: [Ec2, NoCloud, None]") == ["ec2", "nocloud", "none"]
    assert names(both, "ci.di.policy=found=first") == ["nocloud", "none"]


@pytest.mark.parametrize("line", ["ds=MAAS", "ci.ds=maas", "cloudboot.ds=Maas", "ds=maas;x=y"])
def test_the_command_line_names_the_datasource_without_looking(line):
    found = identified(SEED, line, cloud="datasource_list: [Ec2]")
    assert [c.name for c in found.candidates] == ["maas", "none"]
    assert "kernel command line" in found.candidates[0].evidence.why


def test_ds_identify_cfg_names_it_and_the_command_line_wins_over_that():
    files = {IDENTIFY_CFG: b"# mine\ndatasource: 'Ec2' # here\n"}
    assert names(files) == ["ec2", "none"]
    assert names(files, "ds=nocloud-net") == ["nocloud", "none"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("datasource_list: [Ec2]", ["ec2"]),
        ("datasource_list: [NoCloud, None]", ["nocloud", "none"]),
        ("datasource_list: [None]", ["none"]),
        ("datasource_list: [ConfigDrive, None]", ["configdrive", "none"]),
        ("datasource_list: [nocloud-net]", ["nocloud"]),
        ("datasource_list: NoCloud", ["nocloud"]),
        ("datasource_list:\n- Ec2\n- None\n", ["ec2", "none"]),
        ("datasource_list: [Ec2, GCE, None]", []),
        ("datasource_list: []", []),
        ("'datasource-list': [None]", []),
    ],
)
def test_a_list_of_one_is_used_without_looking(text, expected):
    assert names(cloud=text) == expected


def test_a_list_on_the_command_line_wins_over_the_images():
    assert names(cmdline="cc: datasource_list: [Ec2] end_cc", cloud="datasource_list: [NoCloud]") == ["ec2"]


@pytest.mark.parametrize(
    "text",
    [
        "datasource_list: [ Ec2, None ]\nbroken: [",
        "a: {\n'datasource_list' : [ \"Ec2\", None ] # mine",
        "x\ndatasource_list: [Ec2]",
    ],
)
def test_a_list_in_a_broken_file_still_counts(text):
    assert names(cloud=text)[0] == "ec2"


def test_a_list_that_is_none_is_noted_and_all_are_looked_for():
    found = identified(SEED, cloud="datasource_list: {a: 1}")
    assert [c.name for c in found.candidates] == ["nocloud", "none"] and "not a list of names" in found.notes[0]


def test_only_what_is_listed_is_looked_for():
    assert names(SEED, cloud="datasource_list: [Ec2, GCE]") == []


# the policy


def test_a_policy_may_switch_the_agent_off():
    assert identified({**SEED, IDENTIFY_CFG: b"policy: disabled\n"}).disabled == "the policy says so"
    assert names({**SEED, IDENTIFY_CFG: b"policy: disabled\n"}, "ci.di.policy=search") == ["nocloud", "none"]


def test_a_policy_may_go_on_where_nothing_was_found():
    assert names({IDENTIFY_CFG: b'policy: "search,notfound=enabled"\n'}) == ["none"]


def test_a_policy_may_ask_all_without_looking():
    found = names(cmdline="cloudboot.policy=enabled")
    assert found[:4] == ["maas", "rackspace", "configdrive", "nocloud"] and found[-1] == "none"
    assert names(cmdline="cloudboot.policy=enabled", cloud="datasource_list: [Ec2, GCE]") == ["ec2", "gce"]


def test_what_may_be_is_taken_only_where_the_policy_says_so():
    loose = "datasource: {Ec2: {strict_id: false}}"
    assert names(cloud=loose) == []
    assert names(cmdline="ci.di.policy=maybe=all", cloud=loose) == ["ec2", "none"]
    assert names(SEED, "ci.di.policy=maybe=all", cloud=loose) == ["nocloud", "none"]


def test_words_of_a_policy_that_mean_nothing_are_noted():
    notes = []
    assert read_policy("report,found=first, maybe=perhaps,odd,notfound=enabled", notes) == Policy(
        "report", "first", "none", "enabled"
    )
    assert [n.split(" means")[0] for n in notes] == ["the policy maybe=perhaps", "the policy odd"]


def test_lines_of_ds_identify_cfg_are_read():
    text = b"# datasource: no\ndatasource: \"Ec2\"\npolicy: 'search' # x\nci.datasource.ec2.strict_id: true\nodd\n"
    assert identify_cfg(FileView({IDENTIFY_CFG: text})) == {
        "datasource": "Ec2", "policy": "search", "ci.datasource.ec2.strict_id": "true"}  # fmt: skip


def test_a_datasource_that_does_not_exist_is_named():
    found = identified(cmdline="ds=UnheardOf")
    assert found.candidates[0].source is None
    assert found.notes == ("this release of cloudboot has no datasource unheardof",)


def test_trouble_in_looking_is_told():
    class Failing(FileView):
        def has(self, path):
            raise CloudbootError("the disk does not answer")

    host = Host(files=Failing())
    found = identify(host, settings.Settings())
    assert "datasource nocloud: the disk does not answer" in found.notes


# off switches


@pytest.mark.parametrize("path", ["/etc/cloudboot/disabled", "/etc/cloud/cloud-init.disabled"])
def test_a_file_switches_the_agent_off(path):
    assert off(Host(files=FileView({path: b""})), settings.Settings()) == path


@pytest.mark.parametrize("word", ["cloudboot=disabled", "cloud-init=disabled"])
def test_the_command_line_or_a_container_manager_switches_it_off(word, monkeypatch):
    host = Host(cmdline=f"ro {word}")
    assert off(host, settings.load(host)) == f"{word} on the kernel command line"
    monkeypatch.setenv("KERNEL_CMDLINE", word)
    assert off(Host(), settings.Settings()) == f"KERNEL_CMDLINE={word}"
    monkeypatch.setenv("KERNEL_CMDLINE", "ro")
    assert off(Host(), settings.Settings()) == ""
