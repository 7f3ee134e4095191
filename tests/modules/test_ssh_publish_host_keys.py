"""Public host keys for the cloud that shows them."""

from cloudboot.errors import Unreachable
from cloudboot.system.actions import Tell
from cloudboot.values import Instance
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


def test_a_cloud_that_does_not_take_them_is_a_warning_and_not_asked_again(tmp_path):
    sent, system = told(tmp_path, "gce", answers={f"{GUEST}/ssh-ed25519": Unreachable("no")})
    assert len(sent) == 1
    assert system.notes == ["the cloud did not take the public host keys; guest attributes may be switched off"]
