import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.userdata import kinds
from cloudboot.userdata.config import Layer, Sources, settle, trace, vendor_parts
from cloudboot.userdata.fold import Script, fold
from cloudboot.userdata.parts import Part, Parts, unpack


def config(text, name="part-001", **headers):
    return Part(kinds.CONFIG, b"#cloud-config\n" + text.encode(), name, name, headers)


def part(kind, content, name="part-001"):
    return Part(kind, content, name, name)


def folded(*parts, **given):
    """What the parts come to; there must be no problem."""
    result = fold(Parts(parts), **given)
    assert result.problems == ()
    return result


def complaints(*parts, **given):
    result = fold(Parts(parts), **given)
    return [str(problem) for problem in result.problems], [str(note) for note in result.notes]


def test_a_later_part_replaces_the_whole_key():
    first, second = config("a: {x: 1}\nb: 1\n"), config("a: {y: 2}\n")
    assert folded(first, second).config == {"a": {"y": 2}, "b": 1}


def test_a_part_says_how_it_is_merged_in_its_body_or_else_in_its_headers():
    first = config("a: [1]\n")
    append = "dict(recurse_list)+list(append)"
    assert folded(first, config(f"a: [2]\nmerge_how: {append}\n")).config == {"a": [1, 2]}
    assert folded(first, config("a: [2]\n", **{"merge-type": append})).config == {"a": [1, 2]}
    both = config("a: [2]\nmerge_type: dict(recurse_list)+list(prepend)\n", **{"x-merge-type": append})
    assert folded(first, both).config == {"a": [2, 1]}


def test_a_patch_works_on_what_is_merged_so_far():
    patch = part(kinds.PATCH, b'#cloud-config-jsonp\n[{"op": "add", "path": "/a/-", "value": 2}]')
    assert folded(config("a: [1]\n"), patch, config("b: 1\n")).config == {"a": [1, 2], "b": 1}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (config("a: [1\n", "b.yaml"), "b.yaml:2:4: not YAML"),
        (config("- a\n", "b.yaml"), "b.yaml: a cloud-config is a mapping, and this is a list; write key: value"),
        (config("word\n", "b.yaml"), "b.yaml: a cloud-config is a mapping"),
        (config("a: 1\nmerge_how: lisst()\n", "b.yaml"), "b.yaml:3:1: merge_how names a merger that does not exist"),
        (config("a: 1\nmerge_type: x\n", "b.yaml"), "b.yaml:3:1: merge_how cannot be read"),
        (config("a: 1\n", "b.yaml", **{"merge-type": "x"}), "b.yaml: merge_how cannot be read"),
        (part(kinds.PATCH, b"[{]", "b.json"), "b.json:1:3: not JSON"),
        (part(kinds.UNKNOWN, b"users:\n- default\n", "b"), "b: it looks like a cloud-config that lacks its first line"),
        (part("text/x-thing", b"x", "b"), "b: no handler for the type text/x-thing"),
        (part(kinds.TEMPLATE, b"## template: jinja\n#include http://x\n", "b"), "b: a template of the type text/x-inc"),
        (part(kinds.TEMPLATE, b"## template: jinja\nusers: []\n", "b"), "b: a template of what nobody knows"),
        (part(kinds.TEMPLATE, b"## template: jinja\n#cloud-config\n{{ }}\n", "b"), "b:3:1: its Jinja is wrong"),
        (part(kinds.TEMPLATE, b"## template: jinja\n#cloud-config\na: [\n", "b"), "b:"),
    ],
)  # fmt: skip
def test_a_broken_part_is_named_with_its_place_and_the_others_count(broken, said):
    result = fold(Parts((config("a: 1\n"), broken, config("b: 2\n"))))
    assert result.config == {"a": 1, "b": 2}
    [problem] = result.problems
    assert str(problem).startswith(said)


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (config("", "b"), "b: an empty cloud-config"),
        (config("a: 1\nmerge_how: list(append)\n", "b"), "b: merge_how names no dict(): nothing of this part counts"),
        (config("a: 1\nmerge_how: dict(recurse_lists)\n", "b"), "that mean nothing: dict(recurse_lists)"),
        (part(kinds.TEMPLATE, b"## template: jinja\n#!/bin/sh\necho {{ x }}\n", "b"), "b: no instance data for x"),
    ],
)
def test_what_was_hardly_meant_is_noted(odd, said):
    problems, [note] = complaints(odd)
    assert problems == []
    assert said in note


def test_a_template_becomes_what_it_is_filled_in_to():
    text = b"## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n"
    script = b"## template: jinja\n#!/bin/sh\necho {{ local_hostname }}\n"
    data = {"v1": {"local-hostname": "web1"}}
    result = folded(part(kinds.TEMPLATE, text), part(kinds.TEMPLATE, script, "a.sh"), data=data)
    assert result.config == {"hostname": "web1"}
    assert result.scripts == (Script("a.sh", b"#!/bin/sh\necho web1\n", "user", "a.sh"),)


def test_scripts_are_set_aside_by_folder_with_unix_line_ends():
    result = folded(
        part(kinds.SCRIPT, b"\xef\xbb\xbf#!/bin/sh\r\necho\r\n", "a"),
        part(kinds.PER_BOOT, b"b", "b"),
        part(kinds.PER_INSTANCE, b"c", "c"),
        part(kinds.PER_ONCE, b"d", "d"),
        part(kinds.BOOTHOOK, b"#Cloud-Boothook\r\n#!/bin/sh\r\n\xff", "e"),
    )
    assert [(s.folder, s.name, s.content) for s in result.scripts] == [
        ("user", "a", b"#!/bin/sh\necho\n"), ("per-boot", "b", b"b"), ("per-instance", "c", b"c"),
        ("per-once", "d", b"d"),
    ]  # fmt: skip
    assert [(s.name, s.content) for s in result.boothooks] == [("e", b"#!/bin/sh\n\xff")]
    assert folded(part(kinds.SCRIPT, b"#!", "a"), folder="vendor").scripts[0].folder == "vendor"


def test_of_two_scripts_with_one_name_the_second_runs_and_it_is_noted():
    first, second = part(kinds.SCRIPT, b"#!1", "a"), part(kinds.SCRIPT, b"#!2", "a")
    result = folded(first, second)
    assert [script.content for script in result.scripts] == [b"#!2"]
    assert "a second script named a" in str(result.notes[0])


def handler(*taken):
    return f"#part-handler\ndef list_types(): return {list(taken)}\n".encode()


def test_a_handler_is_offered_the_later_parts_of_its_kinds_before_anybody_else():
    result = folded(
        config("a: 1\n"),
        part(kinds.HANDLER, handler("a/b", kinds.CONFIG), "h1"),
        part("a/b", b"1"),
        config("a: 2\n"),
        part(kinds.HANDLER, handler("a/b"), "h2"),
        part("a/b", b"2"),
    )
    assert result.config == {"a": 1}
    first, second = result.handlers
    assert [p.content for p in first.parts] == [b"1", b"#cloud-config\na: 2\n"]
    assert [p.content for p in second.parts] == [b"2"]


def test_a_handler_that_does_not_say_what_it_takes_is_offered_what_nobody_takes():
    source = b"#part-handler\ndef list_types(): return list(KINDS)\n"
    result = folded(part(kinds.HANDLER, source, "h"), part("a/b", b"1"), config("a: 1\n"))
    assert [p.content for p in result.handlers[0].parts] == [b"1"]
    assert result.config == {"a": 1}


def test_kinds_that_are_switched_off_do_not_count():
    result = folded(config("a: 1\n"), part(kinds.SCRIPT, b"#!"), disabled=[kinds.SCRIPT])
    assert (result.config, result.scripts) == ({"a": 1}, ())


def sources(user="", vendor="", vendor2="", **layers):
    """Sources from the texts of cloud-configs."""
    streams = [Parts((config(t, n),) if t else ()) for n, t in (("u", user), ("v", vendor), ("w", vendor2))]
    from cloudboot.userdata.document import load

    below = tuple(Layer(name, load(text), f"{name}.cfg", text.encode()) for name, text in layers.items())
    return Sources(*streams, layers=below)


def test_the_owner_counts_more_than_the_vendor_and_the_vendor_more_than_the_image():
    found = settle(sources(
        "a: user\nm: {user: 1}\n", "a: v\nb: v\nc: v\nm: {v: 1}\n", "a: w\nb: w\nm: {w: 1}\n",
        datasource="c: d\nd: d\n", image="d: i\ne: i\nm: {v: 9, i: 1}\n",
    ))  # fmt: skip
    assert found.config == {
        "a": "user", "b": "w", "c": "v", "d": "d", "e": "i", "m": {"user": 1, "w": 1, "v": 1, "i": 1},
    }  # fmt: skip
    assert found.problems == found.notes == ()


@pytest.mark.parametrize("off", ["{enabled: false}", "{enabled: 'no'}", "false", "nonsense"])
def test_the_owner_may_switch_vendor_data_off(off):
    assert settle(sources(f"vendor_data: {off}\n", "b: v\n", "c: w\n")).config.keys() == {"vendor_data", "c"}
    assert settle(sources(f"vendor_data2: {off}\n", "b: v\n", "c: w\n")).config.keys() == {"vendor_data2", "b"}
    assert settle(sources("", "b: v\n", "", image=f"vendor_data: {off}\n")).config.keys() == {"vendor_data"}


@pytest.mark.parametrize("on", ["{enabled: true}", "{enabled: 'yes'}", "{prefix: /bin/nice}", "null"])
def test_vendor_data_counts_unless_it_is_switched_off(on):
    assert settle(sources(f"vendor_data: {on}\n", "b: v\n")).config["b"] == "v"


def test_vendor_data_cannot_switch_itself_on():
    assert "b" not in settle(sources("", "b: v\nvendor_data: {enabled: true}\n", image="vendor_data: false\n")).config


def test_the_owner_may_switch_kinds_of_vendor_data_off():
    user = Parts((config("vendor_data: {disabled_handlers: [text/x-shellscript]}\n"),))
    vendor = Parts((config("a: 1\n"), part(kinds.SCRIPT, b"#!"), part(kinds.BOOTHOOK, b"#!")))
    found = settle(Sources(user, vendor))
    assert (found.config["a"], found.scripts, len(found.boothooks)) == (1, (), 1)


def test_an_image_may_refuse_user_data_and_still_takes_vendor_data():
    found = settle(sources("a: 1\n", "b: 2\n", image="allow_userdata: false\n"))
    assert found.config == {"b": 2, "allow_userdata": False}
    assert "user-data is not read" in str(found.notes[0])


def test_scripts_and_problems_of_all_streams_come_together_the_owners_first():
    user = unpack(b"#!/bin/sh\n")
    vendor = unpack([b"#!/bin/sh\n", b"nonsense"], "vendor-data")
    found = settle(Sources(user, vendor, vendor))
    assert [script.folder for script in found.scripts] == ["user", "vendor", "vendor"]
    assert len(found.problems) == 2


def test_scripts_of_two_streams_with_one_name_both_run():
    script = part(kinds.SCRIPT, b"#!", "a"), part(kinds.PER_BOOT, b"#!", "b"), part(kinds.BOOTHOOK, b"#!", "c")
    found = settle(Sources(Parts(script), Parts(script), Parts(script)))
    assert [(s.folder, s.name) for s in found.scripts] == [
        ("user", "a"), ("per-boot", "b"), ("vendor", "a"), ("per-boot", "b-2"), ("vendor", "a-2"), ("per-boot", "b-3"),
    ]  # fmt: skip
    assert [hook.name for hook in found.boothooks] == ["c", "c-2", "c-3"]


def test_a_layer_may_say_how_it_joins_those_above_it():
    how = "merge_how: dict(recurse_list)+list(append)"
    assert settle(sources(image="a: [1]\n", base=f"a: [2]\n{how}\n")).config == {"a": [1, 2]}
    found = settle(sources(image="a: [1]\n", base="a: [2]\nb: 1\nmerge_how: lisst()\n"))
    assert found.config["b"] == 1
    assert "base.cfg: merge_how names a merger that does not exist" in str(found.problems[0])


def test_every_value_is_traced_to_its_layer_file_and_line_and_to_what_it_overrode():
    found = trace(sources("a: {x: 1}\n", "a: {x: 2, y: 2}\n", image="a:\n  x: 3\nb:\n  - 1\n"))
    told = {path: (mark.layer, str(mark.place), [str(o.place) for o in mark.over]) for path, mark in found.items()}
    assert told["a", "x"] == ("user-data", "u:2:5", ["v:2:5", "image.cfg:2:3"])
    assert told["a", "y"] == ("vendor-data", "v:2:11", [])
    assert told["b", 0] == ("image", "image.cfg:4:5", [])


def test_a_trace_names_parts_that_replaced_one_another_and_patches():
    patch = part(kinds.PATCH, b'[{"op": "replace", "path": "/b", "value": 9}]', "p")
    found = trace(Sources(Parts((config("a: 1\nb: 1\n", "one"), config("a: 2\n", "two"), patch))))
    assert str(found["a",].place) == "two:2:1"
    assert [str(over.place) for over in found["a",].over] == ["one:2:1"]
    assert str(found["b",].place) == "p"


TEXTS = st.sampled_from(
    ["", "a: 1\n", "a: {b: [1]}\n", "a: {b: [2], c: 1}\nmerge_how: dict(recurse_list)+list(append)\n"]
)


@given(st.lists(TEXTS, max_size=4), TEXTS, TEXTS)
def test_a_trace_has_exactly_the_paths_of_the_config(user, vendor, image):
    def paths(value, path=()):
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        steps = list(items)
        return {(*path, k) for k, _ in steps}.union(*(paths(v, (*path, k)) for k, v in steps))

    given = Sources(
        Parts(tuple(config(text) for text in user)),
        Parts((config(vendor),)),
        layers=(Layer("image", fold(Parts((config(image),))).config),),
    )
    assert set(trace(given)) == paths(settle(given).config)


@pytest.mark.parametrize(
    ("raw", "documents"),
    [
        (None, ()), ("", ()), ({}, ()), ({"other": 1}, ()), ("#!", (b"#!",)), (["a", b"b"], (b"a", b"b")),
        ({"cloud-init": "x"}, (b"x",)), ({"cloud-init": ["x", "y"]}, (b"x", b"y")),
    ],
)  # fmt: skip
def test_vendor_data_from_json_is_a_text_a_list_or_a_mapping(raw, documents):
    assert vendor_parts(raw) == documents


@pytest.mark.parametrize("raw", [7, [7], {"cloud-init": {"a": 1}}, [["a"]]])
def test_vendor_data_of_another_shape_is_refused(raw):
    with pytest.raises(Invalid, match="neither a text nor a list of texts"):
        vendor_parts(raw)


KINDS = st.sampled_from(sorted({*kinds.MARKS.values(), "a/b", kinds.UNKNOWN, kinds.PER_BOOT}))
CONTENTS = st.binary(max_size=60) | st.sampled_from(
    [b"a: 1", b"[]", b"{{", b"merge_how: [[]]", b"## template: jinja\n"]
)


@given(st.lists(st.tuples(KINDS, CONTENTS), max_size=4))
def test_any_parts_come_to_something(pieces):
    settle(Sources(Parts(tuple(part(kind, content) for kind, content in pieces))))


def test_plain_config_asks_for_no_costly_import():
    code = """
import sys
before = set(sys.modules)
from cloudboot.userdata.config import Sources, settle
from cloudboot.userdata.parts import unpack
settle(Sources(unpack(b"MIME-Version: 1.0\\n\\n#cloud-config\\na: 1\\n")))
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd())
    imported = set(done.stdout.split())
    assert "yaml._yaml" in imported
    assert not imported & {
        "yaml.resolver",
        "re",
        "enum",
        "jinja2",
        "jsonpatch",
        "requests",
        "email",
        "urllib.parse",
        "dataclasses",
        "logging",
        "json",
    }
