import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.userdata import merge

LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "y"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
CONFIGS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
SPECS = st.lists(
    st.builds(
        lambda name, options: f"{name}({','.join(options)})",
        st.sampled_from(["dict", "list", "str"]),
        st.lists(st.sampled_from(sorted(merge.OPTIONS["dict"] | merge.OPTIONS["list"])), max_size=4),
    ),
    max_size=3,
).map("+".join)


def merged(old, new, how=merge.PARTS):
    return merge.Merger(merge.steps(how)).merge(old, new)


@pytest.mark.parametrize(
    ("how", "old", "new", "result"),
    [
        # parts, by default: a later key replaces the whole value
        (merge.PARTS, {"a": {"x": 1}, "b": 1}, {"a": {"y": 2}}, {"a": {"y": 2}, "b": 1}),
        (merge.PARTS, {"a": [1, 2]}, {"a": None}, {"a": None}),
        # layers: joined key by key, what is there stays, whatever its type
        (merge.LAYERS, {"a": {"x": 1}}, {"a": {"x": 2, "y": 2}, "b": 1}, {"a": {"x": 1, "y": 2}, "b": 1}),
        (merge.LAYERS, {"a": [1], "b": "t"}, {"a": [2, 3], "b": {"x": 1}}, {"a": [1], "b": "t"}),
        # dict
        ("dict()+list()+str()", {"a": {"x": 1}}, {"a": {"x": 2, "y": 2}}, {"a": {"x": 1, "y": 2}}),
        ("dict(no_replace)", {"a": 1}, {"a": 2}, {"a": 1}),
        ("dict(allow_delete)", {"a": 1, "b": 1}, {"a": None}, {"b": 1}),
        ("dict()", {"a": 1}, {"a": None}, {"a": 1}),
        ("dict(replace,allow_delete)", {"a": 1}, {"a": None}, {}),
        ("dict(recurse_list)+list(append)", {"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ("dict(recurse_array)+list(prepend)", {"a": [1]}, {"a": [2]}, {"a": [2, 1]}),
        ("dict(recurse_str)+str(append)", {"a": "x"}, {"a": "y"}, {"a": "xy"}),
        ("dict(recurse_str)+str()", {"a": "x"}, {"a": "y"}, {"a": "y"}),
        ("dict(recurse_str)", {"a": "x"}, {"a": "y"}, {"a": "x"}),
        # list, by index
        ("dict(recurse_list)+list()", {"a": [1, 2, 3]}, {"a": [9]}, {"a": [9, 2, 3]}),
        ("dict(recurse_list)+list(replace)", {"a": [1]}, {"a": [8, 9]}, {"a": [8]}),
        ("dict(recurse_list)+list(no_replace)", {"a": [1]}, {"a": [8, 9]}, {"a": [1]}),
        ("dict(recurse_list)+list(recurse_dict)", {"a": [{"x": 1}]}, {"a": [{"y": 2}]}, {"a": [{"x": 1, "y": 2}]}),
        ("dict(recurse_list)+list(recurse_list)", {"a": [[1, 2]]}, {"a": [[9]]}, {"a": [[9, 2]]}),
        ("dict(recurse_list)+list(recurse_str)+str(append)", {"a": ["x"]}, {"a": ["y"]}, {"a": ["xy"]}),
        # different types
        ("dict()+list()", {"a": [1]}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ("dict()+list(append)", {"a": [1]}, {"a": {"x": 1}}, {"a": [1]}),
        ("dict(recurse_list)+str(append)", {"a": "x"}, {"a": [1]}, {"a": [1]}),
        ("dict(recurse_list)", {"a": 1}, {"a": [1]}, {"a": 1}),
        # nobody merges mappings
        ("list(append)", {"a": 1}, {"b": 2}, {"a": 1}),
        # the first of equal mergers counts
        ("dict(replace)+dict(no_replace)", {"a": 1}, {"a": 2}, {"a": 2}),
    ],
)  # fmt: skip
def test_values_are_merged_as_they_say(how, old, new, result):
    assert merged(old, new, how) == result


@pytest.mark.parametrize(
    "how",
    [
        "list(append) + DICT(No-Replace,Recurse-List)+str( )",
        [
            {"name": "list", "settings": ["append"]},
            {"name": "dict", "settings": "no_replace,recurse_list"},
            {"name": "str"},
        ],
        [["list", "append"], ["dict", "no-replace", "recurse_list"], ["str"]],
        ["list(append)", "dict(no_replace,recurse_list)+str()"],
    ],
)  # fmt: skip
def test_a_spec_has_many_spellings(how):
    assert merge.steps(how) == (("list", ("append",)), ("dict", ("no_replace", "recurse_list")), ("str", ()))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("list", "merge_how cannot be read"),
        ("list(append", "merge_how cannot be read"),
        ("+(x)", "merge_how cannot be read"),
        (7, "neither a text nor a list"),
        ([7], "an item of merge_how names no merger"),
        ([{"settings": []}], "an item of merge_how names no merger"),
        ("lists(append)", "a merger that does not exist; there are dict, list and str"),
    ],
)
def test_a_wrong_spec_is_refused(how, said):
    with pytest.raises(Invalid, match=said.replace("(", r"\(")):
        merge.Merger(merge.steps(how))


def test_options_that_mean_nothing_are_told():
    assert merge.Merger(merge.steps("list(apend)+dict(recurse_list)")).unknown == ["list(apend)"]


@pytest.mark.parametrize(
    ("config", "steps"),
    [
        ({"merge_how": "str()", "merge_type": "list()", "a": 1}, (("str", ()),)),
        ({"merge_type": "list()", "a": 1}, (("list", ()),)),
        ({"merge_how": None, "merge_type": "list()", "a": 1}, (("list", ()),)),
        ({"a": 1}, ()),
    ],
)
def test_the_spec_is_taken_out_of_the_config(config, steps):
    assert merge.how_to_merge(config) == ({"a": 1}, steps)


@given(SPECS, CONFIGS, CONFIGS)
def test_a_merge_changes_neither_value(how, old, new):
    before = copy.deepcopy((old, new))
    merged(old, new, how)
    assert (old, new) == before


@given(CONFIGS, CONFIGS)
def test_after_a_merge_of_parts_every_key_of_the_later_one_has_its_value(old, new):
    assert merged(old, new) == {**old, **new}


@given(CONFIGS, CONFIGS)
def test_of_layers_everything_in_the_stronger_one_stays(strong, weak):
    def stays(value, result):
        if isinstance(value, dict):
            return isinstance(result, dict) and all(stays(v, result[k]) for k, v in value.items())
        return result == value

    assert stays(strong, merged(strong, weak, merge.LAYERS))


@given(SPECS, CONFIGS)
def test_nothing_comes_of_merging_nothing(how, config):
    assert merged(config, {}, how) == config
    assert merged({}, config, how + "+dict()") == config


@given(CONFIGS)
def test_layers_add_nothing_to_themselves(config):
    assert merged(config, config, merge.LAYERS) == config
