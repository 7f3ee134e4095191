from modules import ssh_authkey_fingerprints
from tests import kit

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6"
KEYS = f'# x\ncommand="ls -l" ssh-ed25519 {BLOB} a@home\nssh-rsa B@D mine\n'
FILES = {
    "/etc/passwd": kit.PASSWD + "a:x:1000:1000::/home/a:/bin/sh\nb:x:1001:1001::/home/b:/bin/sh\n",
    "/home/a/.ssh/authorized_keys": KEYS,
}


def said(tmp_path, config):
    machine = kit.Machine(tmp_path / "m", FILES)
    kit.apply(ssh_authkey_fingerprints.MODULE, config, machine)
    return machine.said


def test_every_user_of_the_document_is_shown_with_the_keys_that_let_him_in(tmp_path):
    first, second = said(tmp_path, "users: [a, b, not-made, {name: nobody, system: true}]")
    assert first == (
        "SSH keys of a:\n"
        "  ssh-ed25519 SHA256:7K+/cOnfHUwnAdHqwj/b15AfTB5RtJxz7GUCmmpNfdk (with options) a@home\n"
        "  ssh-rsa no sha256 fingerprint mine"
    )
    assert second == "SSH keys of b:\n  none"


def test_the_hash_is_the_owners_choice(tmp_path):
    assert "MD5:" in said(tmp_path / "1", "{users: [a], authkey_hash: md5}")[0]
    assert "no nonsense fingerprint" in said(tmp_path / "2", "{users: [a], authkey_hash: nonsense}")[0]


def test_nothing_is_shown_where_the_document_says_so(tmp_path):
    assert said(tmp_path, "{users: [a], no_ssh_fingerprints: true}") == []
