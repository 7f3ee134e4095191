from cloudboot import __version__
from cloudboot.values import Instance
from modules import final_message
from tests import kit

FILES = {"/proc/uptime": "12.5 3.0\n", "/proc/stat": "cpu 1 2\nbtime 1000000000\n"}
MACHINE = {"files": FILES}
FINISHED = "/var/lib/cloudboot/instances/i-1/boot-finished"
TIME = "Sun, 09 Sep 2001 01:46:52 +0000"


def applied(tmp_path, config, datasource="nocloud"):
    machine = kit.Machine(tmp_path, files=FILES)
    return machine, kit.apply(final_message.MODULE, config, machine, instance=Instance("i-1", datasource))


def test_every_name_stands_for_itself_in_either_case(tmp_path):
    text = "$version|$TIMESTAMP|${datasource}|$UPTIME"
    machine, _ = applied(tmp_path, {"final_message": text})
    assert machine.said == [f"{__version__}|{TIME}|nocloud|12.50"]


def test_there_is_a_message_of_our_own_and_a_file_to_wait_for(tmp_path):
    machine, _ = applied(tmp_path, {})
    assert machine.said == [f"cloudboot {__version__} finished at {TIME}. Datasource nocloud. Up 12.50 seconds"]
    assert machine.text(FINISHED) == f"cloudboot {__version__}, nocloud\n"


def test_a_message_in_jinja(tmp_path):
    machine, _ = applied(tmp_path, {"final_message": "## template: jinja\n{{ datasource|upper }} {{UPTIME}}\n"})
    assert machine.said == ["NOCLOUD 12.50"]


def test_a_broken_message_is_a_warning_and_ours_is_said(tmp_path):
    machine, system = applied(tmp_path, {"final_message": "## template: jinja\n{% if %}"})
    assert machine.said[0].startswith("cloudboot ")
    assert system.notes[0].startswith("final_message: ")


def test_a_boot_without_a_datasource_is_told_of(tmp_path):
    _, system = applied(tmp_path, {}, "None")
    assert len(system.notes) == 1


def test_a_tree_that_does_not_run_is_not_called_up(tmp_path):
    machine = kit.Machine(tmp_path)
    kit.apply(final_message.MODULE, {}, machine, instance=Instance("i-1", "nocloud"))
    assert machine.said[0].endswith(" +0000. Datasource nocloud.")
