from hypothesis import given

from cloudboot.userdata import marks, merge
from cloudboot.userdata.document import dump, load, spots
from tests.userdata.test_merge import CONFIGS, SPECS


def marked(text, file):
    return marks.marked(load(text), spots(text), f"layer of {file}", file)


def joined(how, *texts):
    """The marked merge of documents named a, b, c."""
    first, *rest = [marked(text, file) for text, file in zip(texts, "abc")]
    for config in rest:
        first = merge.Merger(merge.steps(how)).merge(first, config)
    return first


def told(value):
    return {
        ".".join(map(str, path)): (str(mark.place), *(str(o.place) for o in mark.over))
        for path, mark in marks.origins(value)
    }


def test_a_value_that_replaces_another_knows_both_places():
    found = told(joined(merge.PARTS, "x: 1\ny: 1\n", "\n\nx: 2\n", "x: {z: 3}\n"))
    assert found == {"x": ("c:1:1", "b:3:1", "a:1:1"), "x.z": ("c:1:5",), "y": ("a:2:1",)}


def test_a_value_that_stays_knows_what_it_kept_out():
    found = told(joined(merge.LAYERS, "x: {p: 1}\n", "x: {p: 2, q: 2}\n"))
    assert found == {"x": ("a:1:1",), "x.p": ("a:1:5", "b:1:5"), "x.q": ("b:1:11",)}


def test_items_of_lists_joined_keep_their_places():
    how = "dict(recurse_list)+list(append)"
    assert told(joined(how, "x:\n- 1\n", "x:\n- 2\n"))["x.1"] == ("b:2:3",)
    how = "dict(recurse_list)+list(prepend)"
    assert told(joined(how, "x:\n- 1\n", "x:\n- 2\n"))["x.1"] == ("a:2:3",)
    how = "dict(recurse_list)+list()"
    assert told(joined(how, "x:\n- 1\n- 2\n", "x: [3]\n"))["x.0"] == ("b:1:5", "a:2:3")


def test_a_text_made_of_two_knows_both():
    value = joined("dict(recurse_str)+str(append)", "x: one\n", "x: two\n")
    assert (value, told(value)) == ({"x": "onetwo"}, {"x": ("a:1:1", "b:1:1")})


def test_a_key_that_is_deleted_leaves_no_mark():
    value = joined("dict(allow_delete)", "x: 1\ny: 1\n", "x: null\n")
    assert told(value) == {"y": ("a:2:1",)}


def test_what_a_patch_leaves_alone_keeps_its_place():
    before = marked("x: {p: 1, q: [1, 2]}\ny: 1\n", "a")
    patch = marks.Mark("user-data", marks.Place("p"))
    found = told(marks.remarked({"x": {"p": 2, "q": [1, 2, 3]}, "z": 1}, before, patch))
    assert found == {
        "x": ("a:1:1",), "x.p": ("p", "a:1:5"), "x.q": ("a:1:11",), "x.q.0": ("a:1:15",), "x.q.1": ("a:1:18",),
        "x.q.2": ("p",), "z": ("p",),
    }  # fmt: skip


@given(SPECS, CONFIGS, CONFIGS)
def test_marked_documents_merge_to_the_same_value_with_a_mark_for_every_path(how, old, new):
    def paths(value, path=()):
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        steps = list(items)
        return {(*path, k) for k, _ in steps}.union(*(paths(v, (*path, k)) for k, v in steps))

    plain = merge.Merger(merge.steps(how)).merge(old, new)
    value = joined(how, dump(old), dump(new))
    assert value == plain
    assert {path for path, _ in marks.origins(value)} == paths(plain)
