import gzip
import json

import pytest

from cloudboot import check
from cloudboot.cli import main


def said(text, kind="cloud-config"):
    return [str(f) for f in check.text(text.encode(), "f.yaml", kind)]


def test_a_document_without_its_first_line_is_told_so():
    assert said("hostname: a\n") == [
        "f.yaml:1:1: the first line does not say what this document is; write #cloud-config as the first line"
    ]
    assert "it says that it is text/x-shellscript" in said("#!/bin/sh\n")[0]


def test_broken_yaml_is_told_by_line_and_column():
    (finding,) = check.text(b"#cloud-config\na: [1\nb: 2\n", "f.yaml")
    assert finding.place.line in (2, 3)
    assert not check.is_valid((finding,))


def test_an_unknown_key_is_told_by_its_place_with_the_nearest_known_one():
    assert said("#cloud-config\nmerge_hwo: x\n") == ["f.yaml:2:1: merge_hwo: no such option; did you mean merge_how?"]


def test_keys_of_no_module_are_checked_too():
    text = "#cloud-config\nmerge_how:\n- name: dct\n  settings: [append]\nreporting:\n  a: {type: webhook}\n"
    assert said(text) == [
        "f.yaml:3:3: merge_how[0].name: expected list, dict or str; did you mean dict?",
        "f.yaml:6:3: reporting.a: endpoint is missing; add endpoint: a URL such as https://example.com/file",
    ]


def test_findings_come_in_the_order_of_the_document():
    text = "#cloud-config\ntimezone: 1\nruncmd: {}\nhostnam: a\nlocale: []\n"
    assert [f.place.line for f in check.text(text.encode(), "f.yaml")] == [2, 3, 4, 5]


def test_a_name_that_no_module_has_is_told_where_an_image_lists_its_modules():
    text = "#cloud-config\ncloud_final_modules: [runcmd, scripts-user, [phone_home, always], poer_state_change]\n"
    assert said(text) == [
        "f.yaml:2:67: cloud_final_modules[3]: no such module; did you mean power_state_change?"
    ]  # fmt: skip


def test_an_empty_document_asks_for_nothing_and_is_right():
    assert said("#cloud-config\n# nothing yet\n") == []


def test_a_list_is_no_cloud_config():
    assert said("#cloud-config\n- a\n") == ["f.yaml:1:1: expected a mapping; write key: value lines"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "web.yaml"
    path.write_text("#cloud-config\nlaunch-index: first\n")
    return str(path)


def test_the_verb_names_file_line_and_column_and_exits_1(file, capsys):
    assert main(["schema", "--config-file", file]) == 1
    assert capsys.readouterr().out == f"{file}:2:1: launch-index: expected a whole number, got text\n"


def test_the_verb_annotates_the_document(file, capsys):
    main(["schema", "-c", file, "--annotate"])
    assert capsys.readouterr().out.splitlines()[2] == "# ^ launch-index: expected a whole number, got text"


def test_the_verb_prints_findings_as_json(file, capsys):
    assert main(["schema", "-c", file, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["valid"], found["findings"][0]["line"]) == (False, 2)


def test_the_exported_schema_knows_every_top_level_key(capsys):
    assert main(["schema", "--export"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "merge_how" in schema["properties"]
    assert schema["additionalProperties"] is False


def undescribed(schema, path=""):
    """The paths of keys that an editor could say nothing about."""
    for key, inner in schema.get("properties", {}).items():
        if not inner.get("description"):
            yield f"{path}.{key}"
        yield from undescribed(inner, f"{path}.{key}")
    parts = [schema.get("items"), schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    for inner in (*parts, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if isinstance(inner, dict):
            yield from undescribed(inner, path)


def test_every_key_of_the_exported_schema_is_described():
    assert list(undescribed(check.export())) == []


ARCHIVE = """#cloud-config-archive
- type: text/cloud-config
  filename: one.cfg
  content: |
    hostname: a
    timezon: UTC
- "#!/bin/sh"
"""


def test_every_cloud_config_of_a_container_is_checked(tmp_path, capsys):
    path = tmp_path / "web.yaml"
    for data in (ARCHIVE.encode(), gzip.compress(ARCHIVE.encode())):
        path.write_bytes(data)
        assert main(["schema", "-c", str(path)]) == 1
        assert capsys.readouterr().out == f"{path}#one.cfg:2:1: timezon: no such option; did you mean timezone?\n"


def test_a_container_that_is_broken_is_no_valid_document(tmp_path, capsys):
    path = tmp_path / "web.yaml"
    path.write_text("#cloud-config-archive\n- [\n")
    assert main(["schema", "-c", str(path)]) == 1
    assert f"{path}:2:3: not YAML" in capsys.readouterr().out


def test_a_template_is_checked_where_no_machine_fills_it_in(tmp_path, capsys):
    path = tmp_path / "web.jinja"
    path.write_text(
        "## template: jinja\n#cloud-config\nhostname: {{ v1.instance_id }}\ntimezon: {{ ds.meta_data.zone }}\n"
    )
    assert main(["--root", str(tmp_path), "schema", "-c", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == f"{path}:3:1: timezon: no such option; did you mean timezone?\n"
    assert "no instance data for instance_id" in said.err
    data = tmp_path / "data.json"
    data.write_text('{"v1": {"instance_id": "i-1"}, "ds": {"meta_data": {"zone": "a"}}}')
    assert main(["schema", "-c", str(path), "--instance-data", str(data)]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("argv", [["schema"], ["schema", "-c", "x", "-t", "nothing"]])
def test_words_that_make_no_sense_exit_2(argv):
    assert main(argv) == 2


def test_a_file_that_is_not_there_exits_1(capsys):
    assert main(["schema", "-c", "/no/such"]) == 1
    assert capsys.readouterr().err == "cloudboot: cannot read /no/such: No such file or directory\n"


def test_a_network_configuration_is_checked_by_its_own_reader():
    assert said("version: 2\nethernets: {eth0: {dhcp4: true}}\n", "network-config") == []
    (finding,) = said("network:\n  version: 1\n  config:\n  - {name: a, type: physicl}\n", "network-config")
    assert finding.startswith("f.yaml:4:")
