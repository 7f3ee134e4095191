"""The order of modules: what documents count on."""

import pytest

from cloudboot import registry
from cloudboot.card import Stage

EARLIER = ["set_hostname", "update_hostname", "users_groups", "ssh", "set_passwords"]
"""What is done before everything else, so that nothing can keep the owner out; see docs/differences.md."""
USUAL = {
    Stage.NETWORK: "seed_random bootcmd write_files growpart resizefs disk_setup mounts update_etc_hosts resolv_conf "
    "ca_certs rsyslog",
    Stage.CONFIG: "wireguard snap ubuntu_autoinstall ssh_import_id keyboard locale apk_configure grub_dpkg "
    "apt_pipelining apt_configure ubuntu_pro rh_subscription spacewalk yum_add_repo zypper_add_repo ntp timezone "
    "raspberry_pi disable_ec2_metadata runcmd byobu",
    Stage.FINAL: "package_update_upgrade_install fan landscape lxd ubuntu_drivers write_files_deferred puppet chef "
    "ansible mcollective salt_minion reset_rmc scripts_vendor scripts_per_once scripts_per_boot scripts_per_instance "
    "scripts_user ssh_authkey_fingerprints keys_to_console install_hotplug phone_home final_message power_state_change",
}
"""The order that cloud-init has, stage by stage."""


@pytest.mark.parametrize("stage", USUAL, ids=lambda stage: stage.value)
def test_modules_run_in_the_usual_order(stage):
    usual = USUAL[stage].split()
    mine = [m.name for m in registry.modules(stage)]
    for n, name in enumerate(usual):
        for later in usual[n + 1 :]:
            if name in mine and later in mine:
                assert mine.index(name) < mine.index(later), f"{name} comes after {later}"
    there = {m.name for m in registry.modules()}
    assert set(usual) <= there


def test_what_lets_the_owner_in_comes_before_the_network():
    mine = [m.name for m in registry.modules(Stage.LOCAL)]
    assert [name for name in mine if name in EARLIER] == EARLIER
