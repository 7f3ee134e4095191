import re

import pytest

from cloudboot.errors import Invalid
from cloudboot.noun import Noun
from cloudboot.schema import (
    AnyOf,
    Bool,
    Choice,
    Deprecated,
    Int,
    ListOf,
    MapOf,
    Null,
    Record,
    SecretText,
    Text,
    Uri,
    option,
    parse,
    read,
    shaped,
)
from cloudboot.schema.problem import is_line
from cloudboot.values import Secret
from modules import locale


class File(Noun):
    path: str = option(Text, required=True, help="where it goes")
    mode: str = option(Text, default="0644")
    old: str = option(Text, key="old-name", since="22.3", instead="mode")


def said(shape, value):
    return [(str(p), p.level) for p in parse(shape, value)[1]]


def test_a_right_value_is_taken_without_a_word():
    assert parse(File, {"path": "/a"}) == (File(path="/a"), ())


def test_a_number_for_a_text_is_understood_and_called_wrong():
    out, found = parse(File, {"path": "/a", "mode": 420})
    assert out.mode == "420"
    assert [p.level for p in found] == ["wrong"]
    assert str(found[0]) == "mode: expected text, got a number; put it in quotes"


def test_a_misspelt_key_is_answered_with_the_nearest_one():
    assert said(File, {"path": "/a", "moed": "1"}) == [("moed: no such option; did you mean mode?", "wrong")]


def test_a_deprecated_key_works_and_says_since_when():
    out, found = parse(File, {"path": "/a", "old-name": "x"})
    assert out.old == "x"
    assert str(found[0]) == "old-name: deprecated since 22.3; use mode instead"


class Door(Noun):
    is_open: bool = option(Bool, required=True, was=("is-open", "24.2"), help="whether one can pass")
    colour: str = option(Text, default="white", apart=True, help="for looks")


def test_an_older_spelling_fills_the_field_and_says_since_when():
    out, found = parse(Door, {"is-open": True})
    assert out.is_open is True
    assert [(str(p), p.level) for p in found] == [("is-open: deprecated since 24.2; use is_open instead", "deprecated")]


def test_the_newer_spelling_wins_in_whatever_order_both_are_written():
    for document in ({"is-open": True, "is_open": False}, {"is_open": False, "is-open": True}):
        assert parse(Door, document)[0].is_open is False


def test_an_option_apart_that_cannot_be_used_keeps_its_default_and_the_rest_is_taken():
    out, found = read(Door, {"is_open": True, "colour": ["red"]})
    assert out == Door(is_open=True, colour="white")
    assert [(p.path, p.level) for p in found] == [(("colour",), "dropped")]


def test_an_older_spelling_is_exported_as_deprecated_and_not_required():
    schema = shaped(Door).schema()
    assert schema["required"] == ["is_open"]
    assert schema["properties"]["is-open"] == {
        "type": "boolean", "description": "whether one can pass", "deprecated": True,
        "deprecationMessage": "deprecated since 24.2; use is_open instead",
    }  # fmt: skip


def test_a_lone_text_is_a_list_of_one_and_called_wrong():
    out, found = parse(ListOf(Text, lone=True), "a")
    assert out == ("a",)
    assert [p.level for p in found] == ["wrong"]
    assert parse(ListOf(Text), "a")[1][0].level == "error"


def test_a_missing_key_is_an_error_that_names_it():
    with pytest.raises(Invalid) as caught:
        read(File, {}, ("write_files", 0))
    assert str(caught.value) == "write_files[0]: path is missing; add path: text"


def test_one_bad_item_of_a_list_apart_is_left_out_and_the_rest_taken():
    out, found = read(ListOf(File, apart=True), [{"path": "/a"}, {"mode": "1"}, {"path": "/b"}])
    assert [f.path for f in out] == ["/a", "/b"]
    assert [(p.path, p.level) for p in found] == [((1,), "dropped")]


def test_one_bad_item_of_any_other_list_is_an_error():
    with pytest.raises(Invalid):
        read(ListOf(Text), ["a", ["b"]])


@pytest.mark.parametrize("word,meaning", [("yes", True), ("False", False), (1, True), ("off", False)])
def test_words_for_true_and_false_are_understood_and_called_wrong(word, meaning):
    out, found = parse(Bool, word)
    assert out is meaning
    assert [p.level for p in found] == ["wrong"]


def test_a_choice_is_not_fooled_by_equal_values_of_another_type():
    assert parse(Choice(True, "auto"), 1)[1]
    assert not parse(Choice(True, "auto"), True)[1]
    assert said(Choice("poweroff", "reboot"), "rebot") == [
        ("expected poweroff or reboot; did you mean reboot?", "error")
    ]


def test_an_alternative_that_fits_best_explains_what_is_wrong():
    shape = AnyOf(Text, ListOf(Text), File)
    assert parse(shape, ["a"])[0] == ("a",)
    assert said(shape, {"path": "/a", "mod": "x"}) == [("mod: no such option; did you mean mode?", "wrong")]
    assert said(AnyOf(Text, ListOf(Text)), {}) == [("expected text or a list, got a mapping", "error")]


def test_bounds_and_repetition_are_noticed():
    assert said(ListOf(Int, least=1), []) == [("expected at least 1 in this list, got 0", "wrong")]
    assert said(ListOf(Text, unique=True), ["a", "a"]) == [
        ("[1]: this stands in the list already; name it once", "wrong")
    ]
    assert said(Int(least=0), -1) == [("expected a whole number of at least 0", "error")]


def test_no_error_ever_shows_a_value():
    hidden = "s3cret-value"
    shapes = [Int, Bool, ListOf(Text), MapOf(Int), Choice("a"), File, Null, Uri, AnyOf(Int, Bool), Text("^x$")]
    for shape in shapes:
        for value in (hidden, [hidden], {"path": [hidden]}, [[hidden]]):
            assert hidden not in repr(parse(shape, value)[1]), shape


def test_a_secret_is_read_as_a_secret():
    assert parse(SecretText, "x")[0] == Secret("x")
    assert "x" not in repr(Secret("x")).replace("<secret>", "")


def test_every_shape_exports_json_schema():
    shape = Record(File, least=1)
    assert shaped(shape).schema() == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "where it goes"},
            "mode": {"type": "string", "default": "0644"},
            "old-name": {
                "type": "string",
                "deprecated": True,
                "deprecationMessage": "deprecated since 22.3; use mode instead",
            },
        },
        "additionalProperties": False,
        "required": ["path"],
        "minProperties": 1,
    }
    assert shaped(Deprecated(Int(least=1), "1.0")).schema() == {
        "type": "integer", "minimum": 1, "deprecated": True, "deprecationMessage": "deprecated since 1.0"}  # fmt: skip
    assert shaped(MapOf(Int, keys="^a")).schema()["patternProperties"] == {"^a": {"type": "integer"}}


def test_a_noun_may_need_some_of_its_keys():
    class Some(Noun):
        _least = 1
        a: int = option(Int, default=0, help="a number")

    assert [p.level for p in parse(Some, {})[1]] == ["wrong"]
    assert parse(Some, {"a": 1}) == (Some(1), ())
    assert Some._fields == ("a",)


def test_a_required_key_that_stands_apart_is_missed_in_a_warning():
    from modules import keys_to_console

    options, problems = keys_to_console.MODULE.read({"ssh": {}})
    assert options.ssh.emit_keys_to_console is True
    assert [str(p) for p in problems] == [
        "ssh: emit_keys_to_console is missing; add emit_keys_to_console: true or false"
    ]


@pytest.mark.parametrize("pattern,fits", [("^.+$", is_line), (locale.PATTERN, locale.is_word)])
def test_what_stands_in_for_an_expression_says_the_same(pattern, fits):
    texts = [
        "",
        "\n",
        "a\n",
        "a\n\n",
        "a\nb",
        "\na",
        "C",
        "en_GB.UTF-8",
        "de_AT@euro",
        "en GB",
        "a\n b",
        "é",
        "a\r",
        "\u0661",
    ]
    texts += [f"a{chr(code)}b" for code in range(256)]
    for text in texts:
        assert fits(text) == (re.search(pattern, text) is not None), repr(text)


def test_a_character_that_no_path_or_argument_can_hold_is_refused():
    assert said(Text, "a\0b") == [("this text holds a character of code 0; leave it out, or use !!binary", "error")]
    assert said(MapOf(Int), {"a\0": 1})[0][1] == "error"


def test_a_number_in_place_of_a_text_has_to_fit_too():
    assert [level for _, level in said(Text(r"^[0-9]+$", "digits"), 35)] == ["wrong"]
    assert [level for _, level in said(Text(r"^[0-9]+$", "digits"), 3.5)] == ["wrong", "error"]


def test_parts_that_belong_together_cannot_all_be_missing():
    pair = ListOf(Text, least=2, most=2)
    assert [level for _, level in said(pair, ["a"])] == ["wrong"]
    assert [level for _, level in said(pair, [])] == ["error"]
