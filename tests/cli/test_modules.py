from cloudboot import registry
from cloudboot.cli import main


def shown(root, capsys, *words):
    assert main(["--root", str(root), "modules", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_modules_are_listed_in_running_order(tmp_path, capsys):
    assert shown(tmp_path, capsys, "--order") == [m.name for m in registry.modules()]
    first = shown(tmp_path, capsys)[0].split()
    assert first[0] == "local" and first[2] in ("always", "instance")


def test_here_they_are_as_the_image_has_them_with_those_that_are_off_at_the_end(tmp_path, capsys):
    (tmp_path / "etc/cloud").mkdir(parents=True)
    (tmp_path / "etc/cloud/cloud.cfg").write_text("cloud_config_modules: [[timezone, always], ntp]\n")
    lines = [line.split()[:3] for line in shown(tmp_path, capsys, "--here")]
    config = [words for words in lines if words[0] == "config"]
    assert config == [["config", "timezone", "always"], ["config", "ntp", "instance"]]
    assert lines[-1][0] == "off" and ["off", "runcmd", "instance"] in lines
    order = shown(tmp_path, capsys, "--here", "--order")
    assert "runcmd" not in order and order.index("timezone") < order.index("ntp")
