import pytest

from cloudboot.errors import Invalid
from modules import apt_pipelining
from tests import kit

MACHINE = {}
PATH = "/etc/apt/apt.conf.d/90cloudboot-pipelining"


@pytest.mark.parametrize(
    ("value", "depth"), [(False, "0"), (0, "0"), (5, "5"), ("os", None), ("none", None), ("unchanged", None)]
)
def test_a_number_is_written_and_os_leaves_apt_alone(tmp_path, value, depth):
    machine = kit.Machine(tmp_path)
    kit.apply(apt_pipelining.MODULE, {"apt_pipelining": value}, machine)
    assert machine.text(PATH) == (f'Acquire::http::Pipeline-Depth "{depth}";\n' if depth else None)


def test_other_words_are_refused_and_older_ones_deprecated():
    with pytest.raises(Invalid):
        apt_pipelining.MODULE.read({"apt_pipelining": "bogus"})
    assert [p.level for p in apt_pipelining.MODULE.read({"apt_pipelining": "none"})[1]] == ["deprecated"]
