import pytest

from cloudboot.errors import CloudbootError
from cloudboot.values import Instance
from modules import ssh
from tests import kit

PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample owner"
IMAGE = {"system_info": {"default_user": {"name": "debian"}}}


def keygen(machine, argv):
    kinds = argv[4:]
    return "".join(f"{kind}\n{PRIVATE.format(kind)}ssh-{kind} AAAA{kind} \n" for kind in kinds)


MACHINE = {
    "files": {"/etc/ssh/sshd_config": "UsePAM yes\n"},
    "answers": {"sh": keygen},
    "tools": ("useradd", "ssh-keygen"),
}


def machine(tmp_path, files=None, answers=None):
    return kit.Machine(tmp_path / "m", {**MACHINE["files"], **(files or {})}, {**MACHINE["answers"], **(answers or {})},
                       MACHINE["tools"])  # fmt: skip


def go(on, config=None, **about):
    about.setdefault("instance", Instance("i-1", ssh_keys=(KEY,)))
    return kit.apply(ssh.MODULE, {**IMAGE, **(config or {})}, on, **about)


def made(on):
    return [a.argv[4:] for a in on.actions if getattr(a, "argv", ("",))[0] == "sh"]


def test_an_images_host_keys_give_way_to_new_ones_made_in_one_call(tmp_path):
    old = {f"/etc/ssh/ssh_host_{k}_key{e}": "old" for k in ("rsa", "ed25519", "xmss") for e in ("", ".pub")}
    on = machine(tmp_path, old)
    go(on)
    assert made(on) == [("rsa", "ecdsa", "ed25519")]
    names = {f"ssh_host_{k}_key{e}" for k in ("rsa", "ecdsa", "ed25519") for e in ("", ".pub")}
    assert set(on.names("/etc/ssh")) == names | {"sshd_config"}
    assert (on.mode("/etc/ssh/ssh_host_rsa_key"), on.mode("/etc/ssh/ssh_host_rsa_key.pub")) == (0o600, 0o644)
    assert on.text("/etc/ssh/ssh_host_ed25519_key") == PRIVATE.format("ed25519")


def test_where_keys_are_kept_only_what_is_missing_or_broken_is_made(tmp_path):
    files = {"/etc/ssh/ssh_host_rsa_key": PRIVATE.format("mine"), "/etc/ssh/ssh_host_ecdsa_key": "",
             "/etc/ssh/ssh_host_ed25519_key": "\0" * 400}  # fmt: skip
    on = machine(tmp_path, files)
    go(on, {"ssh_deletekeys": False})
    assert made(on) == [("ecdsa", "ed25519")]
    assert "mine" in on.text("/etc/ssh/ssh_host_rsa_key")


def test_keys_made_for_this_instance_stay_when_ssh_runs_again(tmp_path):
    on = machine(tmp_path, {"/etc/ssh/ssh_host_rsa_key": PRIVATE.format("of the image")})
    go(on)
    on.put("/etc/ssh/ssh_host_rsa_key", PRIVATE.format("mine"))
    go(on, {"ssh_genkeytypes": ["rsa"]})
    assert made(on) == [("rsa", "ecdsa", "ed25519")]
    assert on.text("/etc/ssh/ssh_host_rsa_key") == PRIVATE.format("mine")
    assert on.names("/etc/ssh") == ("ssh_host_rsa_key", "ssh_host_rsa_key.pub", "sshd_config")
    go(on, instance=Instance("i-2"))
    assert made(on)[1:] == [("rsa", "ecdsa", "ed25519")]
    go(on, {"ssh_keys": {"ed25519_private": PRIVATE.format("given"), "ed25519_public": "p"}}, instance=Instance("i-2"))
    assert on.names("/etc/ssh") == ("ssh_host_ed25519_key", "ssh_host_ed25519_key.pub", "sshd_config")


def test_the_default_user_is_let_in_and_root_is_told_who_that_is(tmp_path):
    on = machine(tmp_path)
    go(on, {"ssh_authorized_keys": ["ssh-rsa AAAAB3 mine"]})
    assert on.text("/home/debian/.ssh/authorized_keys") == f"ssh-rsa AAAAB3 mine\n{KEY}\n"
    assert on.owners["/home/debian/.ssh/authorized_keys"] == "debian"
    lines = on.text("/root/.ssh/authorized_keys").splitlines()
    assert len(lines) == 2 and all('\\"debian\\"' in line and "exit 142" in line for line in lines)


def test_root_is_let_in_where_the_document_says_so(tmp_path):
    on = machine(tmp_path)
    go(on, {"disable_root": False})
    assert on.text("/root/.ssh/authorized_keys") == f"{KEY}\n"


def test_options_for_root_may_be_the_owners_own(tmp_path):
    on = machine(tmp_path)
    go(on, {"disable_root_opts": 'command="echo $USER $DISABLE_USER"'})
    assert on.text("/root/.ssh/authorized_keys") == f'command="echo debian root" {KEY}\n'


def test_without_a_default_user_only_root_has_the_keys(tmp_path):
    on = machine(tmp_path)
    go(on, {"users": []})
    assert not on.look("/home")
    assert '\\"NONE\\"' in on.text("/root/.ssh/authorized_keys")


def test_the_keys_of_the_cloud_can_be_declined(tmp_path):
    on = machine(tmp_path)
    go(on, {"allow_public_ssh_keys": False})
    assert not on.look("/root/.ssh")


def test_a_key_that_is_there_is_renewed_in_its_place_and_other_lines_stay(tmp_path):
    blob = KEY.split()[1]
    before = f'# mine\nfrom="10.0.0.1" ssh-ed25519 {blob} old\nssh-rsa AAAAB3 other\nno key at all\n'
    on = machine(tmp_path, {"/root/.ssh/authorized_keys": before})
    go(on, {"disable_root": False})
    assert on.text("/root/.ssh/authorized_keys") == f"# mine\n{KEY}\nssh-rsa AAAAB3 other\nno key at all\n"


def test_what_is_no_key_is_left_out_and_said_to_be(tmp_path):
    on = machine(tmp_path)
    system = go(on, {"disable_root": False, "ssh_authorized_keys": ["hello"]})
    assert on.text("/root/.ssh/authorized_keys") == f"{KEY}\n"
    assert "1 of the SSH keys for root cannot be read as public keys and are left out" in system.notes


def test_a_link_in_a_home_is_never_read_or_written_through(tmp_path):
    on = machine(tmp_path, {"/etc/shadow": "root:secret\n", "/home/debian/.ssh/x": ""})
    (tmp_path / "m/home/debian/.ssh/authorized_keys").symlink_to("/etc/shadow")
    with pytest.raises(CloudbootError):
        go(on)
    assert on.text("/etc/shadow") == "root:secret\n"
    assert on.text("/root/.ssh/authorized_keys"), "one user's trouble is not another's"


def test_given_keys_are_used_and_no_others_made(tmp_path):
    on = machine(tmp_path, answers={"ssh-keygen -y": "ssh-rsa AAAA \n"})
    go(on, {"ssh_keys": {"rsa_private": PRIVATE.format("given"), "ed25519_private": PRIVATE.format("two"),
                         "ed25519_public": "ssh-ed25519 AAAA given"}})  # fmt: skip
    assert made(on) == []
    assert on.text("/etc/ssh/ssh_host_rsa_key") == PRIVATE.format("given")
    assert on.text("/etc/ssh/ssh_host_rsa_key.pub") == "ssh-rsa AAAA \n"
    assert on.text("/etc/ssh/ssh_host_ed25519_key.pub") == "ssh-ed25519 AAAA given\n"


def test_given_keys_wait_for_a_server_that_is_installed_later(tmp_path):
    on = kit.Machine(tmp_path)
    go(on, {"ssh_keys": {"ed25519_private": PRIVATE.format("given"), "ed25519_public": "p"}})
    assert on.names("/etc/ssh") == ("ssh_host_ed25519_key", "ssh_host_ed25519_key.pub")
    assert on.mode("/etc/ssh/ssh_host_ed25519_key") == 0o600


def test_given_keys_that_are_none_do_not_leave_the_machine_without(tmp_path):
    on = machine(tmp_path)
    system = go(on, {"ssh_keys": {"rsa_private": "x"}, "ssh_genkeytypes": ["ed25519"]})
    assert made(on) == [("ed25519",)]
    assert system.notes == ["ssh_keys.rsa_private is no private key and is left out"]


@pytest.mark.parametrize("include", [True, False])
def test_a_certificate_is_named_in_the_servers_configuration(tmp_path, include):
    main = "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nMatch User x\n" if include else "Port 22\nMatch User x\n"
    on = machine(tmp_path, {"/etc/ssh/sshd_config": main, "/run/systemd/system/x": ""})
    go(on, {"ssh_keys": {"rsa_private": PRIVATE.format("k"), "rsa_public": "p", "rsa_certificate": "c"}})
    line = "HostCertificate /etc/ssh/ssh_host_rsa_key-cert.pub\n"
    if include:
        assert on.text("/etc/ssh/sshd_config.d/50-cloudboot.conf") == line
        assert on.text("/etc/ssh/sshd_config") == main
    else:
        assert on.text("/etc/ssh/sshd_config") == f"Port 22\n{line}Match User x\n"
    assert on.text("/etc/ssh/ssh_host_rsa_key-cert.pub") == "c\n"
    assert "systemctl --no-block try-reload-or-restart ssh" in on.commands


def test_fips_machines_make_no_ed25519_key(tmp_path):
    on = machine(tmp_path, {"/proc/sys/crypto/fips_enabled": "1\n"})
    go(on)
    assert made(on) == [("rsa", "ecdsa")]


def test_the_red_hat_family_lets_its_key_group_own_them(tmp_path):
    on = machine(tmp_path, {"/etc/group": "root:x:0:\nssh_keys:x:101:\n"})
    go(on, os="rhel")
    assert on.owners["/etc/ssh/ssh_host_rsa_key"] == "root:ssh_keys"


@pytest.mark.parametrize("answer", ["", "rsa\nrubbish\n", "rsa\n" + PRIVATE.format("x")[:40]])
def test_an_unusable_answer_of_ssh_keygen_is_no_host_key(tmp_path, answer):
    on = machine(tmp_path, answers={"sh": answer})
    with pytest.raises(CloudbootError) as caught:
        go(on)
    assert "made no host key of the type rsa and ecdsa and ed25519" in str(caught.value)
    assert on.names("/etc/ssh") == ("sshd_config",)
    assert on.text("/home/debian/.ssh/authorized_keys")


def test_a_type_that_cannot_be_made_costs_no_other(tmp_path):
    on = machine(tmp_path, answers={"sh": lambda machine, argv: keygen(machine, argv[:-1])})
    with pytest.raises(CloudbootError) as caught:
        go(on)
    assert "of the type ed25519" in str(caught.value)
    assert on.text("/etc/ssh/ssh_host_rsa_key") == PRIVATE.format("rsa")


def test_fingerprints_are_shown_unless_told_not_to(tmp_path):
    on = machine(tmp_path / "a")
    on.answers["sh"] = (
        "ed25519\n"
        + PRIVATE.format("x")
        + "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6\n"
    )
    go(on, {"ssh_genkeytypes": ["ed25519"]})
    assert on.said[0].startswith("new SSH host keys:\n256 SHA256:")
    on = machine(tmp_path / "b")
    go(on, {"ssh_quiet_keygen": True})
    assert on.said == []


def test_a_plan_names_the_keys_it_cannot_know(tmp_path):
    on = machine(tmp_path)
    steps = [str(s.action) for s in kit.plan(ssh.MODULE, IMAGE, on)]
    assert steps[1] == "make SSH host keys: rsa, ecdsa, ed25519"
    assert steps[2:4] == [
        "write /etc/ssh/ssh_host_rsa_key.pub (from ssh-keygen, 0644)",
        "write /etc/ssh/ssh_host_rsa_key (from ssh-keygen, 0600)",
    ]


def test_one_unreadable_option_does_not_lock_the_owner_out(tmp_path):
    on = machine(tmp_path)
    go(on, {"ssh_genkeytypes": ["bad", "rsa"], "disable_root": {}, "ssh_keys": 3, "ssh_authorized_keys": 5})
    assert made(on) == [("rsa",)]
    assert on.text("/home/debian/.ssh/authorized_keys") == f"{KEY}\n"


def test_keys_get_the_label_that_lets_sshd_read_them(tmp_path):
    on = machine(tmp_path, {"/sys/fs/selinux/enforce": "1", "/usr/sbin/restorecon": ""})
    go(on)
    assert [c for c in on.commands if c.startswith("restorecon")] == [
        "restorecon -R /home/debian/.ssh",
        "restorecon -R /root/.ssh",
    ]
