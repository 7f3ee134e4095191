from cloudboot.packed import packed, unpacked
from cloudboot.userdata import document


def test_a_config_is_the_same_in_a_later_stage_binary_content_too():
    config = document.load(
        "write_files:\n- path: /a\n  content: !!binary f0VMRg==\nruncmd: [[ls, 1], null, 1.5, true]\n"
    )
    assert config["write_files"][0]["content"] == b"\x7fELF"
    assert unpacked(packed(config)) == config


def test_keys_that_are_no_text_are_kept_as_text():
    config = document.load("snap: {commands: {0: a, '1': b, null: c, true: d, !!binary aGk=: e, 2.5: f}}\n")
    assert unpacked(packed(config)) == {
        "snap": {"commands": {"0": "a", "1": "b", "null": "c", "true": "d", "hi": "e", "2.5": "f"}}}  # fmt: skip
