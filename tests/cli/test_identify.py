import json
import os
from pathlib import Path

import pytest

from cloudboot.cli import main

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The tree of a machine whose programs know nothing."""
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    monkeypatch.delenv("SYSTEMD_VIRTUALIZATION", raising=False)
    top = tmp_path / "root"
    put(top, "/proc/cmdline", "ro quiet")
    return top


def put(top, path, text=""):
    place = top / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def said(capsys, *words):
    code = main(list(words))
    return code, capsys.readouterr()


def test_a_machine_with_a_labelled_disc_is_nocloud(root, capsys):
    (root / "dev/disk/by-label").mkdir(parents=True)
    os.symlink("../../sr0", root / "dev/disk/by-label/cidata")
    assert said(capsys, "identify", "--root", str(root)) == (0, ("nocloud\nnone\n", ""))


def test_a_machine_of_no_cloud_is_told_how_to_learn_more(root, capsys):
    code, (out, err) = said(capsys, "identify", "--root", str(root))
    assert (code, out) == (1, "") and "see cloudboot identify --explain" in err


def test_explain_tells_for_each_candidate_what_speaks_for_and_against_it(root, capsys):
    put(root, "/proc/cmdline", "ds=nocloud")
    put(root, "/etc/cloud/cloud.cfg", "datasource_list: [NoCloud, Ec2, Unheard]\n")
    code, (out, _) = said(capsys, "identify", "--explain", "--root", str(root))
    assert code == 0 and "the kernel command line names it" in out.splitlines()[0]
    put(root, "/proc/cmdline", "ro")
    code, (out, _) = said(capsys, "identify", "--explain", "--root", str(root))
    lines = out.splitlines()
    assert code == 1 and [line.split()[:2] for line in lines] == [["nocloud", "no"], ["ec2", "no"], ["unheard", "no"]]
    assert "no sign of it: a disk labelled cidata" in lines[0] and " ms " in lines[0]
    assert "no such datasource" in lines[2]


def test_json_holds_all_of_it(root, capsys):
    put(root, "/etc/cloud/cloud.cfg", "datasource_list: [None]\n")
    code, (out, _) = said(capsys, "identify", "--format", "json", "--root", str(root))
    told = json.loads(out)
    assert code == 0 and told["datasources"] == ["none"] and told["disabled"] is None
    assert told["looked"][0]["reason"] == "the configuration lists no other" and told["looked"][0]["usable"]


OFF = [("/etc/cloudboot/disabled", ""), ("/proc/cmdline", "cloudboot=disabled"),
       ("/etc/cloud/ds-identify.cfg", "policy: disabled")]  # fmt: skip


@pytest.mark.parametrize("path, text", OFF)
def test_an_agent_that_is_switched_off_says_by_what(root, capsys, path, text):
    put(root, path, text)
    code, (out, err) = said(capsys, "identify", "--root", str(root))
    assert (code, out) == (2, "") and "switched off: " in err
    code, (out, _) = said(capsys, "identify", "--format", "json", "--root", str(root))
    assert json.loads(out)["datasources"] == [] and json.loads(out)["disabled"]


def test_a_typo_in_the_configuration_is_named(root, capsys):
    put(root, "/etc/cloudboot/cloudboot.cfg", "a: [\n")
    _, (_, err) = said(capsys, "identify", "--root", str(root))
    assert "/etc/cloudboot/cloudboot.cfg:" in err


def test_another_folder_of_configuration_may_be_named(root, capsys):
    put(root, "/srv/cfg/cloudboot.cfg", "datasource_list: [Ec2]\n")
    assert said(capsys, "identify", "--root", str(root), "--config", "/srv/cfg")[1].out == "ec2\n"


def test_datasources_are_listed_with_what_they_are_known_by(capsys):
    code, (out, _) = said(capsys, "datasources")
    assert code == 0 and any(line.startswith("nocloud      nothing  NoCloud: a disk") for line in out.splitlines())
    told = json.loads(said(capsys, "datasources", "--format", "json")[1].out)
    assert {"name": "none", "title": "None", "needs": "nothing", "aliases": [],
            "signs": "its name in datasource_list"} in told  # fmt: skip


def test_an_explanation_begins_with_what_there_is_to_see(root, capsys):
    put(root, "/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n")
    put(root, "/sys/class/dmi/id/chassis_asset_tag", "7783-7084\n")
    _, (_, err) = said(capsys, "identify", "--explain", "--root", str(root))
    assert err.splitlines()[0] == (
        "seen: maker 'Microsoft Corporation', no product, chassis '7783-7084', virtual 'none', no labels"
    )


def test_a_container_is_told_why_its_hosts_firmware_does_not_count(root, capsys):
    put(root, "/sys/class/dmi/id/sys_vendor", "Hetzner\n")
    put(root, "/run/systemd/container", "lxc\n")
    _, (_, err) = said(capsys, "identify", "--explain", "--root", str(root))
    assert "a container (lxc)" in err
