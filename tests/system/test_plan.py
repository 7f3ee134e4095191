from hypothesis import given
from hypothesis import strategies as st

from cloudboot.system.actions import Append, Link, MakeDir, Remove, Run, Say, SetAccess, WriteFile
from cloudboot.system.live import Live
from cloudboot.system.plan import Plan
from tests.kit import Machine


def test_a_plan_sees_its_own_changes_and_leaves_the_machine_alone(tmp_path):
    machine = Machine(tmp_path, {"/etc/motd": "old"})
    before = machine.tree()
    plan = Plan(machine)
    assert plan.perform(WriteFile("/etc/motd", b"new")).changed
    assert plan.perform(Append("/etc/motd", b"er")).changed
    assert plan.read("/etc/motd") == b"newer"
    assert plan.perform(Remove("/etc/motd")).changed
    assert (plan.read("/etc/motd"), plan.look("/etc/motd"), "motd" in plan.names("/etc")) == (None, None, False)
    assert plan.perform(Run(("reboot",))).changed
    assert machine.tree() == before
    assert [s.before for s in plan.steps] == [b"old", b"new", b"newer", None]


def test_what_is_right_already_is_no_step(tmp_path):
    machine = Machine(tmp_path, {"/etc/motd": "x"})
    machine.live.perform(Link("/l", "/etc/motd"))
    plan = Plan(machine)
    for action in (WriteFile("/etc/motd", b"x"), WriteFile("/l", b"x"), Link("/l", "/etc/motd"), MakeDir("/etc"),
                   Remove("/never"), SetAccess("/etc/motd", mode=0o644)):  # fmt: skip
        assert not plan.perform(action).changed, action
    assert plan.steps == []


def test_a_plan_owns_up_that_it_ran_nothing_and_leaves_out_what_is_only_said(tmp_path):
    plan = Plan(Machine(tmp_path))
    assert plan.perform(Run(("ssh-keygen",))).planned
    assert not plan.perform(Say("hello")).changed
    assert [type(s.action) for s in plan.steps] == [Run]


PATHS = st.sampled_from(["/a", "/b", "/d/a", "/d/e/b", "/d"])
CHANGES = st.one_of(
    st.builds(WriteFile, st.sampled_from(["/a", "/b", "/d/a", "/d/e/b"]), st.binary(max_size=3)),
    st.builds(Append, st.sampled_from(["/a", "/d/a"]), st.binary(min_size=1, max_size=3)),
    st.builds(Remove, PATHS, st.just(True)),
    st.builds(MakeDir, st.sampled_from(["/d", "/d/e", "/f/g"])),
    st.builds(Link, st.sampled_from(["/l", "/d/l"]), st.sampled_from(["/a", "/d"])),
)


@given(st.lists(CHANGES, max_size=12))
def test_a_plan_answers_what_the_machine_will_answer(tmp_path_factory, changes):
    live = Live(str(tmp_path_factory.mktemp("live")))
    plan = Plan(Live(str(tmp_path_factory.mktemp("plan"))))
    for change in changes:
        assert plan.perform(change).changed == live.perform(change).changed, change
    for path in ("/a", "/b", "/d", "/d/a", "/d/e/b", "/d/e", "/l", "/f/g", "/"):
        assert plan.read(path) == live.read(path)
        assert plan.names(path) == live.names(path)
        kinds = [found.kind if found else None for found in (plan.look(path), live.look(path))]
        assert path == "/" or kinds[0] == kinds[1]
