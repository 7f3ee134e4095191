import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.metadata.assignments import assignments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("# only this\n\n", {}),
        ("A='x'\nB=y\nC=\n", {"A": "x", "B": "y", "C": ""}),
        ("A='two\nlines'", {"A": "two\nlines"}),
        ("A='it'\\''s'", {"A": "it's"}),
        ('A="a \\"b\\" \\$c \\n"', {"A": 'a "b" $c \\n'}),
        ("export A='x'   # why\n  B='y';\n", {"A": "x", "B": "y"}),
        ("A='$(id) `id` $x'", {"A": "$(id) `id` $x"}),
        ("A='1'\nA='2'", {"A": "2"}),
    ],
)
def test_assignments_are_read_as_a_shell_would(text, found):
    assert assignments(text) == found
    if found:
        shell = subprocess.run(
            ["sh", "-c", f'{text}\nprintf %s "$A"'], capture_output=True, text=True, check=True, timeout=5
        )
        assert shell.stdout == found["A"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("A=$(id)", 1), ("\nA=`id`", 2), ('A="$x"', 1), ("A='x", 1), ('A="x', 1), ("id\n", 1), ("A=x y", 1), ("1A=x", 1),
     ("A=x|y", 1), ("A=x\nB=x&", 2)],
)  # fmt: skip
def test_anything_else_is_refused_with_its_line(text, line):
    with pytest.raises(Invalid) as caught:
        assignments(text)
    assert caught.value.place.line == line


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r")))
def test_any_value_in_single_quotes_comes_back(value):
    assert assignments(f"A={shlex.quote(value)}\nB='x'\n") == {"A": value, "B": "x"}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        assert isinstance(assignments(text), dict)
    except Invalid:
        pass
