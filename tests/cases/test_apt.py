"""Where apt takes packages from, held against the reference's lists: by their stanzas, for the words and comments of a
list are its writer's own."""

import json

import pytest

from cloudboot.host.system import FAMILY
from cloudboot.values import Host, Os
from modules import apt_configure
from tests import beside, kit
from tests.modules.test_apt_configure import KEY

FAKE = ("fakekey 1234", "fakekey 4321")
SHIPPED = "/usr/share/keyrings/"


@pytest.mark.parametrize("case", beside.load("apt"))
def test_apt_takes_its_packages_from_where_the_reference_has_it_take_them(case, tmp_path):
    config = json.dumps(case["config"])
    for fake in FAKE:
        config = config.replace(json.dumps(fake)[1:-1], json.dumps(KEY)[1:-1])
    answers = {"getent ahosts httpredir.debian.org": "192.0.2.1 STREAM\n", "dpkg": f"{case['arch']}\n"}
    machine = kit.Machine(tmp_path, tools=("apt-get",), answers=answers)
    os = Os(case["distro"], FAMILY[case["distro"]], "13", case["release"])
    kit.apply(apt_configure.MODULE, {"apt": json.loads(config)} if case["config"] else {}, machine, host=Host(os=os))
    for path, text in case["files"].items():
        for mine, theirs in zip(stanzas(machine.text(path)), stanzas(text)):
            if case["config"]:  # its test pretends that Debian has Ubuntu's mirrors where nobody names any
                assert mine["URIs"] == theirs["URIs"]
            assert set(theirs["Suites"].split()) <= set(mine["Suites"].split())
            if "Signed-By" in theirs and not theirs["Signed-By"].startswith(SHIPPED):
                assert mine["Signed-By"] == theirs["Signed-By"]
        assert len(stanzas(machine.text(path))) == len(stanzas(text))


def stanzas(text):
    parts = ([line for line in part.splitlines() if line[:1] != "#"] for part in text.split("\n\n"))
    return [dict(line.split(": ", 1) for line in part) for part in parts if part]
