import pytest

from cloudboot.errors import CloudbootError
from modules import timezone
from tests import kit

MACHINE = {"files": {"/usr/share/zoneinfo/Europe/Madrid": "TZif"}}


def applied(tmp_path, zone, **about):
    machine = kit.Machine(tmp_path, files=MACHINE["files"])
    return machine, kit.apply(timezone.MODULE, {"timezone": zone}, machine, **about)


@pytest.mark.parametrize(("family", "named"), [("debian", True), ("alpine", True), ("fedora", False)])
def test_the_clock_is_linked_and_the_zone_named_where_that_is_the_custom(tmp_path, family, named):
    machine, _ = applied(tmp_path, "Europe/Madrid", os=family)
    assert machine.look("/etc/localtime").target == "/usr/share/zoneinfo/Europe/Madrid"
    assert machine.text("/etc/timezone") == ("Europe/Madrid\n" if named else None)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../../etc/shadow"])
def test_an_unknown_zone_changes_nothing(tmp_path, zone):
    with pytest.raises(CloudbootError, match="no such timezone"):
        applied(tmp_path, zone)
    assert not kit.Machine(tmp_path).look("/etc/localtime")


def test_without_any_zones_it_is_set_with_a_warning(tmp_path):
    machine = kit.Machine(tmp_path)
    system = kit.apply(timezone.MODULE, "timezone: UTC", machine)
    assert machine.look("/etc/localtime").target == "/usr/share/zoneinfo/UTC"
    assert len(system.notes) == 1
