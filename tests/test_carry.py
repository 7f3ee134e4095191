from types import SimpleNamespace

import pytest

from cloudboot import registry
from cloudboot.card import Card, Every, Stage, Work
from cloudboot.carry import is_idle
from cloudboot.module import Boot
from cloudboot.values import Host, Instance

CARD = Card("a", Stage.FINAL, Every.BOOT, ("a",), unasked=True, work=Work(there=("/scripts/", "{instance}/x")))
FOLDER = "/var/lib/cloudboot/instances/i-1"


def idle(card, *there, container=False, config=None):
    boot = Boot(Stage.FINAL, Host(container=container), Instance("i-1"), config or {})
    return is_idle(SimpleNamespace(is_there=lambda path: path in there), card, boot)


def test_a_module_that_looks_for_what_is_not_there_has_nothing_to_do():
    assert idle(CARD) and not idle(CARD, "/scripts/") and not idle(CARD, f"{FOLDER}/x")


def test_one_that_its_owner_asked_for_is_run_all_the_same():
    assert not idle(CARD, config={"a": None})


def test_some_have_nothing_to_do_in_a_container():
    card = CARD.but(work=Work(contained=False))
    assert idle(card, container=True) and not idle(card) and not idle(card.but(work=None), container=True)


@pytest.mark.parametrize("name", ["scripts_per_boot", "scripts_user", "boothooks", "growpart", "reset_rmc"])
def test_the_index_knows_when_a_module_has_nothing_to_do(name):
    work = registry.module(name).card.work
    assert work and (work.there or not work.contained)
