import json
import os

import pytest

from cloudboot.card import Card, Every, Stage
from cloudboot.state import FILE, JOURNAL, State
from cloudboot.values import Instance


def module(every):
    return Card("x", Stage.CONFIG, every)


@pytest.fixture
def root(tmp_path):
    return str(tmp_path)


def finish(state, step):
    state.journal.begin([step])
    state.journal.finish(step, ok=True)
    state.journal.flush()


def test_what_an_instance_has_done_is_done_until_the_instance_changes(root):
    state = State(root)
    state.begin_boot(fresh=True)
    finish(state, state.step(module(Every.INSTANCE), Instance("i-1")))
    state.checkpoint()
    later = State(root)
    assert later.is_done(later.step(module(Every.INSTANCE), Instance("i-1")))
    assert not later.is_done(later.step(module(Every.INSTANCE), Instance("i-2")))


def test_what_a_boot_has_done_is_done_for_its_other_stages_and_not_for_the_next_boot(root):
    first = State(root)
    first.begin_boot(fresh=True)
    finish(first, first.step(module(Every.BOOT), Instance("i-1")))
    first.checkpoint()
    same = State(root)
    same.begin_boot(fresh=False)
    assert same.is_done(same.step(module(Every.BOOT), Instance("i-1")))
    following = State(root)
    following.begin_boot(fresh=True)
    assert not following.is_done(following.step(module(Every.BOOT), Instance("i-1")))


def test_what_is_done_once_survives_every_instance(root):
    state = State(root)
    finish(state, state.step(module(Every.ONCE), Instance("i-1")))
    state.checkpoint()
    assert State(root).is_done(state.step(module(Every.ONCE), Instance("i-2")))


def test_without_a_checkpoint_the_journal_alone_knows_what_is_done(root):
    state = State(root)
    step = state.step(module(Every.INSTANCE), Instance("i-1"))
    finish(state, step)
    assert State(root).is_done(step)
    state.checkpoint()
    assert State(root).journal.finished == {}
    assert State(root).is_done(step)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"done": 3}', b"\0" * 500])
def test_a_damaged_checkpoint_is_set_aside_and_nothing_is_forgotten(root, damage):
    state = State(root)
    state.adopt(Instance("i-1", datasource="nocloud"), {})
    step = state.step(module(Every.INSTANCE), Instance("i-1"))
    finish(state, step)
    state.checkpoint()
    with open(root + FILE, "wb") as file:
        file.write(damage)
    later = State(root)
    assert later.is_done(step)
    assert later.known_id() == "i-1"
    with open(root + FILE + ".damaged", "rb") as file:
        assert file.read() == damage


def test_identity_is_found_in_either_of_its_two_places(root):
    State(root).adopt(Instance("i-1", datasource="ec2", user_data=b"\xff"), {"uuid": "u"})
    state = State(root)
    state.checkpoint()
    assert State(root).known() == Instance("i-1", datasource="ec2", user_data=b"\xff")
    state.adopt(Instance("i-1", datasource="ec2"), {"uuid": "u"})
    state.checkpoint()
    os.unlink(root + "/var/lib/cloudboot/instance")
    assert State(root).known_id() == "i-1"


def test_an_id_with_slashes_stays_in_its_folder(root):
    State(root).adopt(Instance("../../etc/x"), {})
    assert os.listdir(root + "/var/lib/cloudboot/instances") == [".._.._etc_x"]


def test_a_replaced_journal_is_read_from_its_start(root):
    state = State(root)
    finish(state, "i-i-1/a")
    state.checkpoint()
    with open(root + JOURNAL, "w") as file:
        file.write(json.dumps({"finished": "i-i-1/b"}) + "\n")
    later = State(root)
    assert later.is_done("i-i-1/b")
    assert later.is_done("i-i-1/a")


def test_a_readonly_state_leaves_no_trace(root):
    state = State(root, readonly=True)
    state.begin_boot(fresh=True)
    state.adopt(Instance("i-1"), {})
    finish(state, "once/x")
    state.checkpoint()
    assert os.listdir(root) == []


def test_what_a_power_cut_left_in_doubt_is_still_so_after_a_checkpoint_of_a_stage(root):
    cut = State(root)
    cut.begin_boot(True)
    cut.journal.begin(["i-1/scripts_user"])
    cut.journal.note(durable=True, intend="i-1/scripts_user#x#1")
    early = State(root)
    early.begin_boot(True)
    early.checkpoint()
    late = State(root)
    assert "i-1/scripts_user" in late.journal.begun
    assert "i-1/scripts_user#x#1" in late.journal.intended
    late.checkpoint(over=True)
    assert State(root).journal.begun == set()
