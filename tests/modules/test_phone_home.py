from urllib.parse import parse_qs

import pytest

from cloudboot.errors import Invalid, Unreachable
from cloudboot.values import Instance
from modules import phone_home
from tests import kit

MACHINE = {}
FILES = {
    "/etc/ssh/ssh_host_rsa_key.pub": "ssh-rsa AAAA host\n",
    "/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 B h\n",
}
URL = "http://example.com/"


def posted(tmp_path, config, answers=None, hostname="web1"):
    machine = kit.Machine(tmp_path, files=FILES, answers=answers)
    system = kit.apply(
        phone_home.MODULE,
        {"fqdn": "web1.example.org", "phone_home": {"url": URL, **config}},
        machine,
        instance=Instance("i-1", hostname=hostname),
    )
    return machine.actions[-1], system


def test_everything_is_posted_as_a_form(tmp_path):
    action, _ = posted(tmp_path, {"post": "all"})
    assert {k: v[0] for k, v in parse_qs(action.body.decode()).items()} == {
        "pub_key_rsa": "ssh-rsa AAAA host",
        "pub_key_ecdsa": "N/A",
        "pub_key_ed25519": "ssh-ed25519 B h",
        "instance_id": "i-1",
        "hostname": "web1",
        "fqdn": "web1.example.org",
    }
    assert action.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert (action.tries, action.pause) == (10, 3.0)


def test_only_what_is_asked_for_is_told(tmp_path):
    action, _ = posted(tmp_path, {"post": ["instance_id"], "tries": 2})
    assert (action.body, action.tries) == (b"instance_id=i-1", 2)


@pytest.mark.parametrize("url", ["http://example.com/$INSTANCE_ID/", "http://example.com/${INSTANCE_ID}/"])
def test_the_url_may_hold_the_instance_id(tmp_path, url):
    assert posted(tmp_path, {"url": url})[0].url == "http://example.com/i-1/"


def test_a_url_that_does_not_answer_is_a_warning(tmp_path):
    _, system = posted(tmp_path, {}, {URL: Unreachable("example.com does not answer")})
    assert system.notes == ["nobody was told that this machine is up: example.com does not answer"]


@pytest.mark.parametrize("wrong", [{"post": ["pub_kye_rsa"]}, {"post": "pub_key_rsa"}, {"tries": "often"}])
def test_facts_that_there_are_not_are_refused(wrong):
    with pytest.raises(Invalid):
        phone_home.MODULE.read({"phone_home": {"url": URL, **wrong}})


def test_a_url_is_needed():
    with pytest.raises(Invalid, match="url is missing"):
        phone_home.MODULE.read({"phone_home": {}})
