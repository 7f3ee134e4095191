import json as standard
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot import json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
DOCUMENTS = ["", " ", "1 2", "{", "[1,]", '{"a" 1}', "nul", '"\x00"', "[1e999]", "NaN", "[-Infinity]", " [1] \n",
             "\ufeff1", '"\\ud800"', '"\\u00e9"', "1.5e3", "-", "01", b"\xef\xbb\xbf[1]", b'"\xc3\xa9"',
             b"\xff", '{"a":1,"a":2}']  # fmt: skip


def told(loads, text):
    try:
        return repr(loads(text))
    except ValueError:
        return ValueError


@given(VALUES)
def test_what_is_written_is_what_the_standard_library_writes(value):
    assert json.dumps(value) == standard.dumps(value)
    assert json.dumps(value, sort_keys=True) == standard.dumps(value, sort_keys=True)
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document_is_read_or_refused_as_the_standard_library_does(text):
    if text != "\ufeff1":
        assert told(json.loads, text) == told(standard.loads, text)


def test_a_document_nested_too_deep_is_none():
    with pytest.raises(ValueError, match="nested too deep"):
        json.loads("[" * 100_000)


def test_hooks_see_what_they_see_there():
    text = '{"a": {"b": [NaN, {"c": 1}]}}'
    assert json.loads(text, object_hook=sorted, parse_constant=str) == standard.loads(
        text, object_hook=sorted, parse_constant=str
    )
    assert json.dumps({"a": b"x"}, default=str) == standard.dumps({"a": b"x"}, default=str)


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError):
        json.dumps({"a": b"x"})
    circle = []
    circle.append(circle)
    with pytest.raises(ValueError):
        json.dumps(circle)


def test_it_costs_no_regular_expression():
    code = (
        "import sys; sys.path.insert(0, '.'); was = set(sys.modules); from cloudboot import json; "
        "json.loads(json.dumps([1])); print({'re', 'json', 'enum'} & (set(sys.modules) - was))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
