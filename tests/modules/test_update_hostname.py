import pytest

from cloudboot.admin.hostname import PREVIOUS
from cloudboot.values import Instance
from modules import update_hostname
from tests import kit


@pytest.mark.parametrize(
    "now,before,after",
    [
        ("old", "old", "new"),  # the cloud renamed the machine
        ("mine", "old", "mine"),  # somebody on the machine did
        ("new", "old", "new"),  # power failed between the name and the note of it
        ("", "old", "new"),
        ("mine", "", "mine"),
        ("", "", "new"),
    ],
)
def test_a_name_follows_the_cloud_until_somebody_chooses_one(tmp_path, now, before, after):
    files = {"/etc/hostname": f"{now}\n", **({PREVIOUS: f"{before}\n"} if before else {})}
    machine = kit.Machine(tmp_path / "m", files)
    kit.apply(update_hostname.MODULE, "{}", machine, instance=Instance("i", hostname="new"))
    assert machine.text("/etc/hostname") == f"{after}\n"
    if after == "new":
        assert machine.text(PREVIOUS) == "new\n"


def test_an_empty_note_of_the_last_name_stops_nothing(tmp_path):
    machine = kit.Machine(tmp_path / "m", {PREVIOUS: ""})
    kit.apply(update_hostname.MODULE, "hostname: a", machine)
    assert machine.text("/etc/hostname") == "a\n"


def test_a_name_to_preserve_is_left_alone(tmp_path):
    machine = kit.Machine(tmp_path / "m", {"/etc/hostname": "old\n", PREVIOUS: "old\n"})
    kit.apply(update_hostname.MODULE, "{preserve_hostname: true, hostname: new}", machine)
    assert machine.actions == []
