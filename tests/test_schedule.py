import json

import pytest

from cloudboot import registry, schedule
from cloudboot.card import Every, Stage
from tests.test_boot import tree  # noqa: F401 (a fixture)

INIT = ["migrator", "seed_random", ["bootcmd", "always"], "write-files", "cc_users_groups", "ssh"]


def names(stage, config):
    return [card.name for card in schedule.cards(stage, config)]


def test_without_lists_everything_is_as_declared():
    for stage in Stage:
        assert schedule.cards(stage, {}) == registry.cards(stage)


def test_a_list_says_which_modules_run_and_in_what_order_but_access_comes_first():
    config = {"cloud_init_modules": INIT}
    assert names(Stage.LOCAL, config) == ["network", "users_groups", "ssh", "ssh_host_keys"]
    assert names(Stage.NETWORK, config) == [
        "boothooks", "ssh_publish_host_keys", "seed_random", "bootcmd", "write_files"
    ]  # fmt: skip


def test_a_stage_without_a_list_keeps_what_no_other_list_has_taken_away():
    config = {"cloud_config_modules": ["package_update_upgrade_install", "runcmd"]}
    assert names(Stage.CONFIG, config) == ["package_update_upgrade_install", "runcmd"]
    final = [card.name for card in registry.cards(Stage.FINAL) if card.name != "package_update_upgrade_install"]
    assert names(Stage.FINAL, config) == final


def test_what_is_done_before_the_network_is_up_is_on_the_list_of_the_network_stage_or_of_a_later_one():
    assert names(Stage.LOCAL, {"cloud_init_modules": []}) == ["network", "ssh_host_keys"]
    config = {"cloud_init_modules": [["ssh", "always"]], "cloud_final_modules": ["users_groups"]}
    assert names(Stage.LOCAL, config) == ["network", "ssh", "ssh_host_keys"]
    assert schedule.card("ssh", config).every is Every.BOOT
    assert [c.name for c in schedule.cards(Stage.FINAL, config) if c.listed] == ["users_groups"]
    assert "set_hostname" in names(Stage.LOCAL, {"cloud_final_modules": []})


@pytest.mark.parametrize(
    ("entry", "every"),
    [
        ("runcmd", Every.INSTANCE),
        (["runcmd", "always"], Every.BOOT),
        (["runcmd", "once-per-instance"], Every.INSTANCE),
        ({"name": "runcmd", "frequency": "once"}, Every.ONCE),
        (["runcmd", "sometimes"], Every.INSTANCE),
    ],
)
def test_a_list_says_how_often(entry, every):
    (card,) = schedule.cards(Stage.CONFIG, {"cloud_config_modules": [entry]})
    assert (card.name, card.every, card.stage) == ("runcmd", every, Stage.CONFIG)
    assert schedule.card("runcmd", {"cloud_config_modules": [entry]}).every is every


def test_what_is_not_understood_is_told_with_what_is_near():
    config = {"cloud_config_modules": ["runcmd", "locales", ["timezone", "daily"], ["ntp", "always", "x"], 7]}
    assert schedule.notes(config, config) == (
        "cloud_config_modules: there is no module locales; did you mean locale?",
        "cloud_config_modules: timezone: its frequency is none of always, instance and once, and does not count",
        "cloud_config_modules: ntp: what follows its frequency does not count",
        "cloud_config_modules: there is no module 7",
    )


def test_a_key_whose_module_the_image_leaves_out_is_told():
    image = {"cloud_final_modules": ["scripts_user"], "chef": {}}
    assert schedule.notes({**image, "ansible": {}, "runcmd": []}, image) == (
        "ansible: nothing is done, because cloud_final_modules leaves out ansible",
    )


def test_a_boot_does_as_the_images_lists_say(tree):  # noqa: F811
    lists = ["cloud_init_modules: [write_files]", "cloud_config_modules: []",
             "cloud_final_modules: [[set_hostname, always]]", "unverified_modules: [apk-configure]"]  # fmt: skip
    tree.write("/etc/cloud/cloud.cfg", "\n".join(lists))
    tree.seed("#cloud-config\nwrite_files: [{path: /etc/motd, content: hello}]\ntimezone: Europe/Madrid\n")
    assert tree.run("boot") == 2
    own = [card.name for stage in Stage for card in registry.cards(stage) if not card.listed and card.unasked]
    assert sorted(tree.ran()) == sorted([*own, "user_data", "write_files", "set_hostname"])
    assert tree.ran().index("set_hostname") > tree.ran().index("write_files")
    assert tree.status()["warnings"] == ["timezone: nothing is done, because cloud_config_modules leaves out timezone"]
    tree.run("boot")
    assert "set_hostname" in tree.ran() and "write_files" not in tree.ran()


def test_an_owner_may_have_a_module_run_on_a_distribution_that_it_is_not_for(tree, capsys):  # noqa: F811
    tree.write("/etc/cloudboot/cloudboot.cfg", json.dumps({"unverified_modules": ["apk-configure"]}))
    tree.seed("#cloud-config\napk_repos: {alpine_repo: {version: v3.20}}\n")
    assert tree.run("boot") == 0
    assert "v3.20" in tree.read("/etc/apk/repositories")


def test_an_owner_may_have_his_scripts_run_at_every_boot(tree):  # noqa: F811
    tree.seed("#cloud-config\ncloud_final_modules: [[scripts-user, always]]\nruncmd: [echo ran]\n")
    for _ in range(2):
        tree.run("boot")
        assert "scripts_user" in tree.ran()
        assert "scripts_per_boot" not in tree.ran()
