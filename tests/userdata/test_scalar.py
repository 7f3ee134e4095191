import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.userdata import document, libyaml, scalar

ODD = """
0b 0b_ 0x_ 0_ 00 08 0o7 1_000 _1 1__0 +1 -0 --1 1:30 1:60 190:20:30 1:5: 0:30 1. .5 +.5 ._5 1.5e3
1.5e+3 1e3 1.e+3 .5e-3 1.5E+3 190:20:30.15 1:60.5 .inf -.INF +.Inf .iNf .nan -.nan .NaN . - + ~ null
Null nULL yes Yes YES yEs y n on Off TRUE tRUE 1.2.3 1,2 0x1F 0xg -0x1f -0b11 0.0 -1.5 1_0.0_1 10_.5
5:0 0:0 1:2:3 01:30 = << 2001-01-01 12e03 1e+5
"""


def theirs(text):
    """What PyYAML's safe loader makes of an unquoted text; times and the value tag stay texts here."""
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], ()):
        if pattern.match(text) and tag.rpartition(":")[2] in ("int", "float", "bool", "null"):
            constructor = yaml.constructor.SafeConstructor()
            try:
                return yaml.SafeLoader.yaml_constructors[tag](constructor, yaml.ScalarNode(tag, text))
            except ValueError:
                return ValueError
    return text


def ours(text):
    try:
        return scalar.plain(text)
    except ValueError:
        return ValueError


def alike(one, other):
    return type(one) is type(other) and (one == other or repr(one) == repr(other))


@pytest.mark.parametrize("text", ["", *ODD.split()])
def test_an_unquoted_text_means_what_it_means_to_pyyaml(text):
    assert alike(ours(text), theirs(text)), (ours(text), theirs(text))


@settings(max_examples=3000)
@given(st.text("0123456789+-._:eExb~aAfFnNlLyYsStTrRuUoOiI=<", max_size=9))
def test_any_short_text_means_what_it_means_to_pyyaml(text):
    assert alike(ours(text), theirs(text)), (text, ours(text), theirs(text))


@pytest.mark.parametrize(
    "text", ["!!int 0x1f", "!!int '12'", "!!float 1", "!!bool yes", "!!null x", "!!binary aGk=", "!!float '.5'"]
)
def test_a_tag_means_what_it_means_to_pyyaml(text):
    assert alike(document.load(text), yaml.safe_load(text))


@pytest.mark.parametrize("text", ["!!int x", "!!bool maybe", "!!float '.'", "!!binary é", "!!binary a", "a: 0b_"])
def test_what_is_none_has_its_place(text):
    with pytest.raises(Invalid) as caught:
        document.load(text)
    assert caught.value.place.line == 1


def test_the_binding_is_had_without_the_package_and_the_package_still_after_it():
    import subprocess
    import sys

    code = """
import sys
sys.path.insert(0, ".")
from cloudboot.userdata import document
print(document.load("a: [1, {b: c}]"), [m for m in sys.modules if m in ("yaml.resolver", "yaml.constructor")])
import yaml
print(yaml.load("a: 1", yaml.CSafeLoader), yaml.safe_dump({"b": 2}).strip())
for load in (document.load, lambda text: yaml.load(text, yaml.CSafeLoader)):
    try:
        load("a: [")
    except Exception as problem:
        print(type(problem).__name__, isinstance(problem, yaml.YAMLError))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "{'a': [1, {'b': 'c'}]} []",
        "{'a': 1} b: 2",
        "Invalid False",
        "ParserError True",
    ]


def test_without_the_binding_the_packages_own_parser_reads(monkeypatch):
    plain = libyaml.Yaml(yaml.SafeLoader, yaml.error, yaml.events)
    monkeypatch.setattr(libyaml, "_loaded", plain)
    assert document.load("a: [1, x]\nb: !!binary aGk=\n") == {"a": [1, "x"], "b": b"hi"}
