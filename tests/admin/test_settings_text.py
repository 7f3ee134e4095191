import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.admin.settings_text import spelled, with_settings

NAMES = st.text("abc", min_size=1, max_size=2)
SECTIONS = st.dictionaries(st.sampled_from(["", "main", "agent"]), st.dictionaries(NAMES, st.text("xyz ", max_size=3)))
TEXTS = st.lists(st.sampled_from(["", "# c", "[main]", "[agent]", "[other]", "a = 1", "b=2", "c", " a = 3"])).map(
    "\n".join
)


def test_settings_stand_in_their_section_before_the_lines_that_part_it_from_the_next():
    text = "a = 1\n\n[one]\nb = 2\n\n[two]\nc = 3\n"
    assert with_settings(text, {"": {"n": "0"}, "one": {"b": "x", "n": "1"}, "three": {"n": "3"}}) == (
        "a = 1\nn = 0\n\n[one]\nb = x\nn = 1\n\n[two]\nc = 3\n\n[three]\nn = 3\n"
    )


def test_a_name_that_stands_twice_stands_once_afterwards():
    assert with_settings("a = 1\nb = 2\na = 3\n", {"": {"a": "x"}}) == "a = x\nb = 2\n"


def test_the_same_name_in_another_section_is_another_setting():
    assert with_settings("[one]\na = 1\n[two]\na = 2\n", {"two": {"a": "x"}}) == "[one]\na = 1\n[two]\na = x\n"


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (None, ""), (3, "3"), ([1, "b"], "1,b"), ("a\nb", "a b")])
def test_a_value_is_one_line(value, text):
    assert spelled(value) == text


@given(TEXTS, SECTIONS)
def test_a_second_time_changes_nothing(text, sections):
    once = with_settings(text, sections)
    assert with_settings(once, sections) == once


@given(TEXTS, SECTIONS)
def test_every_line_about_something_else_stays(text, sections):
    named = {name for values in sections.values() for name in values}
    kept = [line for line in with_settings(text, sections).splitlines() if line.strip()]
    for line in text.splitlines():
        if line.strip() and line.partition("=")[0].strip() not in named:
            assert line in kept
