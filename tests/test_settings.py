from cloudboot.settings import load
from cloudboot.values import FileView, Host, Os


def host(files, cmdline=""):
    return Host(os=Os("debian", "debian", "12"), cmdline=cmdline, files=FileView(files))


def test_the_built_in_layer_names_the_distributions_own_user():
    config = load(host({})).config
    assert config["users"] == ["default"]
    assert config["system_info"]["default_user"]["name"] == "debian"


def test_own_configuration_wins_over_what_the_image_carries_for_another_agent_and_later_names_over_earlier():
    settings = load(host({
        "/etc/cloud/cloud.cfg": b"a: 1\nb: 1\nc: 1\nd: {x: 1, y: 1}\n",
        "/etc/cloud/cloud.cfg.d/90_x.cfg": b"b: 2\n",
        "/etc/cloudboot/cloudboot.cfg": b"c: 3\n",
        "/etc/cloudboot/cloudboot.cfg.d/10-a.cfg": b"d: {x: 4}\n",
        "/etc/cloudboot/cloudboot.cfg.d/20-b.cfg": b"d: {z: 5}\n",
        "/etc/cloudboot/cloudboot.cfg.d/30-c.txt": b"a: not read\n",
    }))  # fmt: skip
    assert {k: settings.config[k] for k in "abcd"} == {"a": 1, "b": 2, "c": 3, "d": {"x": 4, "y": 1, "z": 5}}
    assert [layer.name.rpartition("/")[2] for layer in settings.layers] == [
        "20-b.cfg", "10-a.cfg", "cloudboot.cfg", "90_x.cfg", "cloud.cfg", "built-in"]  # fmt: skip


def test_the_kernel_command_line_wins_over_files():
    settings = load(host({"/etc/cloud/cloud.cfg": b"a: 1\n"}, "quiet cc: a: 2\\nb: 3 end_cc ro"))
    assert (settings.config["a"], settings.config["b"]) == (2, 3)


def test_another_folder_takes_the_place_of_the_agents_own():
    files = {"/etc/cloudboot/cloudboot.cfg": b"a: 1\n", "/srv/cfg/cloudboot.cfg": b"b: 2\n"}
    config = load(host(files), "/srv/cfg").config
    assert ("a" in config, config["b"]) == (False, 2)


def test_a_layer_with_a_typo_is_named_by_its_place_and_the_others_hold():
    settings = load(host({"/etc/cloud/cloud.cfg": b"a: 1\n", "/etc/cloudboot/cloudboot.cfg": b"b: [\n"}))
    assert settings.config["a"] == 1
    (problem,) = settings.problems
    assert problem.startswith("/etc/cloudboot/cloudboot.cfg:1:4: not YAML")


def test_a_layer_that_is_no_mapping_is_told_so():
    (problem,) = load(host({"/etc/cloud/cloud.cfg": b"- a\n"})).problems
    assert problem == "/etc/cloud/cloud.cfg:1:1: expected a mapping; write key: value lines, or leave the file empty"


def test_what_the_image_says_to_a_datasource_is_found_whatever_the_case_of_its_name():
    settings = load(host({"/etc/cloud/cloud.cfg": b"datasource: {NoCloud: {fs_label: x}}\n"}))
    assert settings.of("nocloud") == {"fs_label": "x"}
    assert settings.of("ec2") == {}
