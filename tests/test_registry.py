import json

import pytest

from cloudboot import registry
from cloudboot.card import Card, Every, Stage
from cloudboot.errors import CloudbootError
from cloudboot.module import Module
from cloudboot.noun import Noun


def module(name, after=()):
    return Module(name, Stage.CONFIG, Every.BOOT, Noun, lambda system, options, boot: None, after=after)


def test_modules_come_after_those_they_name_and_else_by_name():
    found = registry.ordered([module("c"), module("a", after=("b",)), module("b"), module("d", after=("elsewhere",))])
    assert [m.name for m in found] == ["b", "a", "c", "d"]


def test_modules_that_wait_for_each_other_are_a_bug():
    with pytest.raises(AssertionError):
        registry.ordered([module("a", after=("b",)), module("b", after=("a",))])


def test_a_module_is_found_by_its_name_and_the_nearest_one_is_offered():
    assert registry.module("write-files").name == "write_files"
    with pytest.raises(CloudbootError) as caught:
        registry.module("write_file")
    assert str(caught.value) == "no such module: write_file; did you mean write_files?"


def test_an_index_says_of_every_stage_what_the_files_say(tmp_path, monkeypatch):
    (tmp_path / "index.json").write_text(json.dumps(registry.index()))
    from_files = {stage: registry.cards(stage) for stage in Stage}
    monkeypatch.setattr(registry, "INDEX", str(tmp_path / "index.json"))
    monkeypatch.setattr(registry, "modules", None)
    assert {stage: registry.cards(stage) for stage in Stage} == from_files


def test_a_card_knows_when_its_module_is_asked_for():
    card = Card("a", Stage.CONFIG, Every.BOOT, ("a", "b"))
    assert [card.asked(c) for c in ({}, {"b": None}, {"c": 1})] == [False, True, False]
    assert card.but(unasked=True).asked({})
