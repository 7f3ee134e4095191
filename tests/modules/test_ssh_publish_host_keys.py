"""Public host keys for the cloud that shows them."""

import pytest

from cloudboot.errors import Missing, Unreachable
from cloudboot.http.service import Refused
from cloudboot.http.wire import Reply
from cloudboot.system.actions import Tell
from cloudboot.values import Instance
from datasources import gce
from modules import ssh_publish_host_keys
from tests import kit
from tests.modules.test_keys_to_console import BLOB, MACHINE, RSA

GUEST = "http://169.254.169.254/computeMetadata/v1/instance/guest-attributes/hostkeys"
PLACE = "metadata (http://169.254.169.254)"


def told(tmp_path, datasource, config="{}", answers=None):
    on = kit.Machine(tmp_path / "m", MACHINE["files"], answers)
    system = kit.apply(
        ssh_publish_host_keys.MODULE, config, on, instance=Instance("i", datasource=datasource, subplatform=PLACE)
    )
    said = [a for a in on.actions if isinstance(a, Tell)]
    assert all(f"{a.service}{a.path}".startswith(f"{GUEST}/") for a in said)
    return [(a.method, a.path.rpartition("/")[2], a.body.decode()) for a in said], system


def test_google_is_told_the_keys_that_are_not_kept_back(tmp_path):
    assert told(tmp_path / "all", "gce")[0] == [("PUT", "ssh-ed25519", BLOB), ("PUT", "ssh-rsa", RSA)]
    config = "{ssh_publish_hostkeys: {blacklist: [rsa]}}"
    assert told(tmp_path / "some", "gce", config)[0] == [("PUT", "ssh-ed25519", BLOB)]


def test_nobody_is_told_where_it_is_switched_off_or_the_cloud_takes_none(tmp_path):
    assert told(tmp_path / "off", "gce", "{ssh_publish_hostkeys: {enabled: false}}")[0] == []
    assert told(tmp_path / "other", "ec2")[0] == []


def test_a_cloud_that_is_silent_is_a_warning_and_not_asked_again(tmp_path):
    sent, system = told(tmp_path, "gce", answers={f"{GUEST}/ssh-ed25519": Unreachable("no")})
    assert len(sent) == 1
    assert system.notes == ["the cloud was not told the public host keys: no"]


@pytest.mark.parametrize("no", [Missing("no"), Refused("no", Reply(403))])
def test_a_cloud_whose_owner_wants_none_is_asked_once_and_left_alone(tmp_path, no):
    sent, system = told(tmp_path, "gce", answers={f"{GUEST}/ssh-ed25519": no})
    assert (len(sent), system.notes) == (1, [])


def test_the_datasource_itself_tells_none_which_the_owner_could_not_keep_back():
    assert gce.DATASOURCE.signals == ()
