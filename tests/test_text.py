import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.text import fits
from cloudboot.userdata.basic import fill

VALUES = {"a": "1", "b": {"c": "$a", "d": {"e": 2}}, "a1_": "x"}


def by_expression(text):
    """What `fill` means, said by a regular expression."""

    def value(found):
        name = found[1] or found[2].rstrip(".")
        here = VALUES
        for step in name.split("."):
            if not isinstance(here, dict) or step not in here:
                raise Invalid(name)
            here = here[step]
        return f"{here}{'' if found[1] else '.' * (len(found[2]) - len(name))}"

    return re.sub(r"\$\{([A-Za-z0-9_.]+)\}|\$([A-Za-z0-9_][A-Za-z0-9_.]*)", value, text)


def said(function, text):
    try:
        return function(text)
    except Invalid:
        return Invalid


@given(st.text("abcde1_.${} ", max_size=14))
def test_names_in_a_text_are_filled_in(text):
    assert said(lambda t: fill(t, VALUES), text) == said(by_expression, text)


@pytest.mark.parametrize(
    "text", ["$a", "${a}", "up $a.", "$b.c$a", "$$a", "${a", "$", "$.a", "${b.d.e}.", "$a1_!", "${}"]
)
def test_each_way_to_write_a_name(text):
    assert said(lambda t: fill(t, VALUES), text) == said(by_expression, text)


@given(st.text("ab*?[]!-", max_size=6), st.text("ab*?[]", max_size=6))
def test_a_pattern_means_what_it_means_to_a_shell(pattern, name):
    assert fits(name, pattern) == fnmatchcase(name, pattern)
