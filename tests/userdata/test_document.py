import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.userdata import document, libyaml

TOP = Path(__file__).resolve().parents[2]

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def parser(request, monkeypatch):
    if request.param == "pure Python":
        monkeypatch.setattr(libyaml, "_loaded", libyaml.Yaml(yaml.SafeLoader, yaml.error, yaml.events))
        monkeypatch.delattr(yaml, "CSafeDumper", raising=False)


def refused(text):
    with pytest.raises(Invalid) as caught:
        document.load(text, "f")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": 1, "b": ["x", "y", "z"]}),
        (
            "a: yes\nb: 'yes'\nc: 0o17\nd: 017\ne: 1.5\nf: ~\ng:\n",
            {"a": True, "b": "yes", "c": "0o17", "d": 15, "e": 1.5, "f": None, "g": None},
        ),  # fmt: skip
        ("on: x\nyes: y\n", {True: "y"}),
        ("a: |\n  one\n  two\nb: >-\n  one\n  two\n", {"a": "one\ntwo\n", "b": "one two"}),
        ("a: !!binary aGk=\nb: !!str 1\nc: ! 2\n", {"a": b"hi", "b": "1", "c": "2"}),
        ("a: !!set {x, y}\nb: !!omap [x: 1]\n", {"a": {"x": None, "y": None}, "b": [{"x": 1}]}),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n", {"a": {"k": 1}, "b": {"k": 1}, "c": [{"k": 1}, {"k": 1}]}),
        ("a: =\nb: [<<]\n", {"a": "=", "b": ["<<"]}),
    ],
)
def test_a_document_is_read_as_yaml_1_1(text, value):
    assert document.load(text) == value


def test_the_last_of_equal_keys_counts():
    assert document.load("a: 1\nb: 2\na: 3\n") == {"a": 3, "b": 2}


def test_a_date_stays_the_text_that_was_written():
    assert document.load("expiredate: 2032-09-01\n") == {"expiredate": "2032-09-01"}
    assert document.load("a: 2001-99-99 \n") == {"a": "2001-99-99"}


def test_a_merge_key_inherits_and_own_keys_and_earlier_mappings_win():
    text = "d: &d {a: 1, b: 1}\ne: &e {b: 2, c: 2}\nf:\n  c: 3\n  <<: [*d, *e]\n"
    assert document.load(text)["f"] == {"a": 1, "b": 1, "c": 3} == yaml.safe_load(text)["f"]


@given(PLAIN)
def test_what_is_dumped_is_read_back(value):
    assert document.load(document.dump(value)) == value


@given(PLAIN)
def test_a_document_means_what_pyyaml_takes_it_for(value):
    text = yaml.safe_dump(value)
    assert document.load(text) == yaml.safe_load(text)


@given(st.binary(max_size=300) | st.text(alphabet="abk: -[]{}*&<!|>#'\"\n\t\\%@`,?1.", max_size=80))
def test_any_bytes_are_a_value_or_a_clear_error(data):
    try:
        document.load(data)
        document.positions(data)
    except CloudbootError:
        pass


def test_a_dump_is_made_to_be_read():
    value = {"b": {"x": [1, "two"]}, "a": "line\nline\n", "date": "2024-01-01", "yes": "yes", "none": None}
    assert document.dump(value) == (
        "b:\n  x:\n  - 1\n  - two\na: |\n  line\n  line\ndate: '2024-01-01'\n'yes': 'yes'\nnone: null\n"
    )
    assert document.dump("word") == "word\n"
    twice = ["x"]
    assert document.dump([twice, twice]) == "- - x\n- - x\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\t- b", "f:2:1: not YAML"),
        ("a:\n\t- b", "indent with spaces"),
        ("a: b: c\n", "f:1:5: not YAML: mapping values are not allowed"),
        ("users:\n  - name: x\n   shell: y\n", "f:3:4: not YAML"),
        ("a: {{ b }}\n", "f:1:5: a key is a mapping or a list; put a value that begins with {{ in quotes"),
        ("a: 'open\nb: 1\n", "f:1:4: not YAML: what begins here never ends; close the quote"),
        ("a: 'open", "f:1:4: not YAML: what begins here never ends"),
        ("a: [1,\n\n", "f:1:4: not YAML: what begins here never ends"),
        ("a: *nothing\n", "f:1:4: not YAML: undefined alias"),
        ("a: 1\n---\nb: 2\n", "f:2:1: a second document begins here"),
        ("a: !!python/object/apply:os.system [x]\n", "f:1:4: the tag !!python/object/apply:os.system means nothing"),
        ("a: !!seq x\n", "the tag !!seq means nothing here"),
        ("a: !secret x\n", "the tag !secret means nothing here"),
        ("a: !!int x\n", "f:1:4: this is no !!int"),
        ("a: !!binary '\xe9'\n", "f:1:4: this is no !!binary"),
        ("a: !!int " + "9" * 2000, "a number of more than 1000 characters"),
        ("a: 1\n<<: 2\n", "<< takes a mapping"),
        (b"a: 1\nb: \xff\n", "f:2:4: not text in UTF-8"),
        ("a: 1\nb: x\x01\n", "f:2:5: not YAML: a control character"),
        ("a: \ud800", "f:1:4: not text in UTF-8"),
        ("a: [" + "x, " * 5_600_000 + "]", "longer than 16 MiB"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(text, said):
    assert said in refused(text)


def test_an_error_never_shows_a_value():
    assert "hunter2" not in refused("password: hunter2: x\n") + refused("password: !!int hunter2\n")


LEVELS = "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(9))
CHAIN = "".join(f"a{i + 1}: &a{i + 1}\n  <<: [*a{i}, *a{i}]\n  k{i + 1}: 1\n" for i in range(40))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a0: &a0 [x, x, x]\n" + LEVELS, "more than 500000 values"),
        ("a0: &a0 {k: 1}\n" + CHAIN, "more than 500000 values"),
        ("[" * 200_000, "nested more than 64 levels"),
        ("- " * 200_000, "nested more than 64 levels"),
        ("a: &a [*a]\n", "an alias stands inside what it refers to"),
        ("a: &a 1\nb: [" + "*a, " * 1001 + "]\n", "more than 1000 aliases"),
    ],
    ids=["alias bomb", "merge-key bomb", "brackets", "dashes", "loop", "aliases"],
)
def test_a_bomb_ends_in_a_clear_error(text, said):
    assert said in refused(text)


def test_a_number_too_long_to_count_with_is_text():
    assert document.load("a: " + "9" * 5000) == {"a": "9" * 5000}


TEXT = """\
# comment
users:
  - name: a
    groups: [x, y]
  - b
base: &base
  k: 1
more:
  <<: *base
  l: 2
same: *base
"""


def test_every_path_has_its_line_and_column():
    found = document.positions(TEXT)
    assert found[()] == (2, 1)
    assert found["users",] == (2, 1)
    assert found["users", 0] == (3, 5)
    assert found["users", 0, "groups"] == (4, 5)
    assert found["users", 0, "groups", 1] == (4, 17)
    assert found["users", 1] == (5, 5)
    assert found["more", "k"] == (7, 3)
    assert found["more", "l"] == (10, 3)
    assert found["same", "k"] == (7, 3)
    assert len(found) == 15


def test_a_path_that_is_not_there_stands_where_its_nearest_relative_does():
    spot = document.spots(TEXT)
    assert spot.at(("users", 0, "shell")) == (3, 5)
    assert spot.at(("users", 7)) == (2, 1)
    assert spot.at(("nothing",)) == (2, 1)
    assert document.spots("").at(("a",)) == (1, 1)


@given(PLAIN)
def test_positions_name_exactly_the_paths_of_the_value(value):
    def paths(value, path):
        yield path
        steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, inner in steps:
            yield from paths(inner, (*path, step))

    assert set(document.positions(document.dump(value))) == set(paths(value, ()))


OTHERS = """
import sys
from cloudboot.userdata.document import load
load("a: [1]")
assert "yaml.tokens" not in sys.modules
import yaml
print(len(list(yaml.scan("a: [1]", yaml.CSafeLoader))), yaml.load("a: [1]", yaml.CSafeLoader))
print(yaml.dump({"a": 1}, Dumper=yaml.CSafeDumper))
"""


def test_what_others_ask_of_the_package_afterwards_is_answered_as_ever():
    done = subprocess.run([sys.executable, "-c", OTHERS], capture_output=True, text=True, check=True, cwd=TOP)
    assert done.stdout.split() == ["10", "{'a':", "[1]}", "a:", "1"]
