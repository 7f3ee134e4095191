import gzip

import yaml

from cloudboot.cli import main


def files(tmp_path, *contents):
    paths = []
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(content)
        paths.append(str(path))
    return paths


def test_pieces_of_user_data_are_merged_in_their_order(tmp_path, capsys):
    first, second, third = files(
        tmp_path,
        b"#cloud-config\nb: {x: 1}\nruncmd: [one]\n",
        gzip.compress(b"#cloud-config\nb: {y: 2}\nruncmd: [two]\nmerge_how: dict(recurse_list)+list(append)\n"),
        b'#cloud-config-jsonp\n[{"op": "add", "path": "/a", "value": "line\\nline\\n"}]\n',
    )
    assert main(["merge", first, second, third]) == 0
    out = capsys.readouterr().out
    assert yaml.safe_load(out) == {"b": {"x": 1, "y": 2}, "runcmd": ["one", "two"], "a": "line\nline\n"}
    assert out.endswith("a: |\n  line\n  line\n")


def test_an_include_is_followed(tmp_path, capsys):
    [config] = files(tmp_path, b"#cloud-config\na: 1\n")
    lists = tmp_path / "list"
    lists.write_text(f"#include\nfile://{config}\n/nowhere\n")
    assert main(["merge", str(lists)]) == 1
    said = capsys.readouterr()
    assert said.out == "a: 1\n"
    assert "cannot include /nowhere" in said.err


def test_a_part_that_cannot_be_understood_is_named_and_the_rest_printed(tmp_path, capsys):
    good, bad = files(tmp_path, b"#cloud-config\na: 1\n", b"users:\n- default\n")
    assert main(["merge", good, bad]) == 1
    said = capsys.readouterr()
    assert yaml.safe_load(said.out) == {"a": 1}
    assert f"cloudboot: {bad}: it looks like a cloud-config that lacks its first line" in said.err


def test_templates_are_filled_in_with_the_data_named_or_with_that_of_the_machine(tmp_path, capsys):
    [template, data] = files(
        tmp_path, b"## template: jinja\n#cloud-config\na: {{ v1.region }}\n", b'{"v1": {"region": "here"}}'
    )
    assert main(["merge", template, "--instance-data", data]) == 0
    assert capsys.readouterr().out == "a: here\n"
    run = tmp_path / "run" / "cloudboot"
    run.mkdir(parents=True)
    (run / "instance-data.json").write_bytes(b'{"v1": {"region": "there"}}')
    assert main(["merge", template, "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "a: there\n"
    assert main(["render", template, "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "#cloud-config\na: there\n"


def test_a_name_without_data_is_told(tmp_path, capsys):
    [template] = files(tmp_path, b"## template: jinja\n#cloud-config\na: {{ nowhere }}\n")
    assert main(["render", template, "--root", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == "#cloud-config\na: CI_MISSING_JINJA_VAR/nowhere\n"
    assert "no instance data for nowhere" in said.err
    assert main(["merge", template, "--root", str(tmp_path)]) == 0
    assert "note:" in capsys.readouterr().err


def test_what_is_no_template_or_no_file_is_refused(tmp_path, capsys):
    [plain] = files(tmp_path, b"#cloud-config\n")
    assert main(["render", plain]) == 1
    assert f"{plain}: this is no template; its first line is ## template: jinja" in capsys.readouterr().err
    assert main(["merge", str(tmp_path / "nothing")]) == 2
    assert "No such file" in capsys.readouterr().err
