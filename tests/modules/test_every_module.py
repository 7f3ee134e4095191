"""What holds for every module, from its declaration and the example in its docstring alone.

A module's own test file may say in ``MACHINE`` what its example needs: ``files``, ``answers`` and ``tools`` of a
`kit.Machine`, and ``os``.
"""

import importlib
import os

import pytest
import yaml

from cloudboot import check, registry
from cloudboot.errors import CloudbootError, Invalid
from cloudboot.schema import shaped
from cloudboot.system.journal import Journal
from cloudboot.values import Instance
from tests import kit

NAMES = [m.name for m in registry.modules()]
WRONG = ("3.5", "[[[]]]", "{no such key at all: 1}", '"\\0"')
INSTANCE = Instance("i-1", hostname="web1", ssh_keys=("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample owner",))


def load(name):
    file = importlib.import_module(f"cloudboot.modules.{name}")
    about = getattr(importlib.import_module(f"tests.modules.test_{name}"), "MACHINE", {})
    return file.MODULE, yaml.safe_load(kit.example(file)), about


def machine(path, about):
    path.mkdir()
    return kit.Machine(path, files=about.get("files"), answers=about.get("answers"), tools=about.get("tools", ()))


def go(module, config, on, journal, about):
    return kit.apply(module, config, on, journal=journal, instance=INSTANCE, os=about.get("os", "debian"))


@pytest.mark.parametrize("name", NAMES)
def test_the_example_parses_without_a_complaint(name):
    module, config, _ = load(name)
    assert module.name == name
    assert module.card.asked(config)
    assert module.read(config)[1] == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_example_plans_and_the_plan_changes_not_one_byte(name, tmp_path):
    module, config, about = load(name)
    on = machine(tmp_path / "m", about)
    before = on.tree()
    kit.plan(module, config, on, instance=INSTANCE, os=about.get("os", "debian"))
    assert on.tree() == before
    assert on.actions == []


@pytest.mark.parametrize("name", NAMES)
def test_the_example_applies_and_then_there_is_nothing_left_to_do(name, tmp_path):
    module, config, about = load(name)
    on = machine(tmp_path / "m", about)
    journal = str(tmp_path / "journal")
    go(module, config, on, Journal(journal), about)
    done = len(on.actions)
    go(module, config, on, Journal(journal), about)
    again = [a for a in on.actions[done:] if type(a).__name__ not in ("Draw", "Fetch", "AwaitLock")]
    assert again == []


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("name", NAMES)
def test_a_stop_at_any_action_converges(name, before, tmp_path):
    module, config, about = load(name)
    whole = machine(tmp_path / "whole", about)
    go(module, config, whole, Journal(str(tmp_path / "j0")), about)
    for n in range(1, len(whole.actions) + 1):
        cut = machine(tmp_path / f"cut{n}", about)
        journal = str(tmp_path / f"j{n}")
        cut.stop_at, cut.stop_before = n, before
        with pytest.raises(kit.Stop):
            go(module, config, cut, Journal(journal), about)
        cut.stop_at = 0
        go(module, config, cut, Journal(journal), about)
        assert cut.tree() == whole.tree(), f"stopped at action {n}: {whole.actions[n - 1]}"
        assert cut.owners == whole.owners


@pytest.mark.parametrize("name", NAMES)
def test_a_value_of_the_wrong_type_is_refused_by_path_line_and_column(name):
    module, config, _ = load(name)
    if not module.key and not module.options._fields:
        assert module.keys == ()
        return
    key = next(k for k in module.keys if k in config) if any(k in config for k in module.keys) else module.keys[0]
    wrong = next(w for w in WRONG if [p for p in module.check({key: yaml.safe_load(w)}) if p.level != "deprecated"])
    text = f"#cloud-config\n# {name}\n{key}: {wrong}\n"
    findings = [f for f in check.text(text.encode(), "web.yaml") if f.level != "deprecated"]
    assert findings and not check.is_valid(tuple(findings))
    for finding in findings:
        assert (finding.place.file, finding.place.line) == ("web.yaml", 3)
        assert finding.place.column in (1, len(f"{key}: ") + 1, len(f"{key}: [") + 1, len(f"{key}: {{") + 1)
        assert finding.place.path.startswith(key)
        assert finding.reason
    with_options = {k: v for k, v in config.items() if k != key}
    try:
        problems = module.read({**with_options, key: yaml.safe_load(wrong)})[1]
    except Invalid as problem:
        assert problem.place and problem.place.path.startswith(key)
    else:
        assert [p for p in problems if str(p).startswith(key)], "what is wrong is used without a word"


def paths(value, path=()):
    """Every path of an example, but for the whole."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*path, key))


def changed(value, path, wrong):
    """The example with the value at ``path`` replaced."""
    if not path:
        return wrong
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], wrong)
    return copy


@pytest.mark.parametrize("name", NAMES)
def test_no_wrong_value_anywhere_in_the_example_is_a_bug(name, tmp_path):
    module, config, about = load(name)
    on = machine(tmp_path / "m", about)
    for path in paths(config):
        for wrong in (None, 3.5, [], [[[]]], ["x"], {"no such key at all": 1}, "\0", "", -1, True):
            document = changed(config, path, wrong)
            module.check(document)
            try:
                kit.plan(module, document, on, instance=INSTANCE, os=about.get("os", "debian"))
            except CloudbootError:
                pass  # said to the owner; anything else would be a bug


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_documented_and_exports_a_schema(name):
    module, _, _ = load(name)
    for field, about in module.options._options.items():
        assert about.help, f"{name}: option {field} has no help"
        assert isinstance(shaped(about.shape).schema(), dict)
    assert set(module.options._fields) == set(module.options._options), "every field is an option()"


def test_the_order_within_a_stage_is_that_of_after():
    place = {m.name: i for i, m in enumerate(registry.modules())}
    for module in registry.modules():
        for earlier in module.after:
            known = earlier in place
            assert known, f"{module.name} comes after {earlier}, which there is not"
            assert place[earlier] < place[module.name] or earlier not in place


def test_no_two_modules_have_one_name():
    assert len(set(NAMES)) == len(NAMES) == len([f for f in os.listdir("modules") if f[0] != "_"])
