import json

import pytest

from cloudboot import settings
from cloudboot.errors import Invalid
from cloudboot.packed import Documents, digest, same
from cloudboot.values import FileView, Host, Os

CFG = {"/etc/cloudboot/cloudboot.cfg": b"a: {b: [1, 2.5, null, !!binary aGk=]}\n",
       "/etc/cloudboot/cloudboot.cfg.d/9.cfg": b"locale: C.UTF-8\n"}  # fmt: skip


def host(files=CFG, **more):
    return Host(files=FileView(files), os=Os("debian", "debian"), **more)


def test_settings_that_are_as_they_were_are_recalled_and_their_layers_read_when_asked_for():
    first = settings.load(host())
    again = settings.load(host(), kept=settings.keep(first))
    assert type(again) is settings.Recalled and "layers" not in again.__dict__
    assert (again.config, again.mark, again.problems) == (first.config, first.mark, ())
    assert again.layers == first.layers and settings.keep(again) == b""


@pytest.mark.parametrize(
    "other",
    [
        host({**CFG, "/etc/cloudboot/cloudboot.cfg": b"a: 2\n"}),
        host({k: v for k, v in CFG.items() if "9.cfg" not in k}),
        host({**CFG, "/etc/cloud/cloud.cfg": b""}),
        host(cmdline="cloudboot.config=x"),
        Host(files=FileView(CFG), os=Os("fedora", "redhat")),
    ],
)
def test_whatever_is_different_is_read_anew(other):
    kept = settings.keep(settings.load(host()))
    found = settings.load(other, kept=kept)
    assert type(found) is settings.Settings and found.config == settings.load(other).config


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b"\x00" * 40, b'{"mark": 1}'])
def test_what_a_power_cut_left_of_it_counts_as_nothing(kept):
    assert settings.load(host(), kept=kept).config == settings.load(host()).config


def test_settings_with_a_problem_are_not_kept():
    assert settings.keep(settings.load(host({**CFG, "/etc/cloud/cloud.cfg": b"a: ["}))) == b""


def test_settings_that_json_cannot_hold_are_not_kept():
    assert settings.keep(settings.load(host({**CFG, "/etc/cloud/cloud.cfg": b"m: {1: a}"}))) == b""


def test_a_document_is_parsed_once_and_its_value_is_ones_own():
    first = Documents()
    value = first.load(b"a: [1, !!binary aGk=]\n")
    later = Documents()
    later.recall(first.kept())
    again = later.load(b"a: [1, !!binary aGk=]\n")
    assert again == value == {"a": [1, b"hi"]} and later.kept() == b""
    again["a"].append(2)
    assert later.load(b"a: [1, !!binary aGk=]\n") == value


def test_a_new_document_takes_the_place_of_those_that_nobody_asked_for():
    first, later = Documents(), Documents()
    first.load(b"a: 1\n")
    later.recall(first.kept())
    later.load(b"a: 2\n")
    assert list(json.loads(later.kept())) == [digest(b"a: 2\n")]


def test_a_document_that_is_wrong_is_wrong_every_time():
    documents = Documents()
    for _ in range(2):
        with pytest.raises(Invalid):
            documents.load(b"a: [")
    documents.recall(b"no json")
    assert documents.kept() == b""


def test_equal_values_of_other_types_are_not_the_same():
    assert same({"a": [1, None]}, {"a": [1, None]})
    assert not same({"a": 1}, {"a": True}) and not same([1], [1.0]) and not same({"1": 1}, {1: 1})
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
