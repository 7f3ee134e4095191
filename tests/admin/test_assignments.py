import pytest

from cloudboot.admin.assignments import assigned, value_of


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", "LANG=C.UTF-8\n"),
        ("LANG=en\n", "LANG=C.UTF-8\n"),
        ('# about\nLANG="en US"\nLC_ALL=x', "# about\nLANG=C.UTF-8\nLC_ALL=x\n"),
        ("LANG=a\nX=1\nLANG=b\n", "LANG=C.UTF-8\nX=1\n"),
        ("#LANG=a\n", "#LANG=a\nLANG=C.UTF-8\n"),
    ],
)
def test_a_value_is_set_in_its_place_and_all_else_stays(text, new):
    assert assigned(text, {"LANG": "C.UTF-8"}) == new
    assert assigned(new, {"LANG": "C.UTF-8"}) == new


def test_a_value_that_a_shell_would_split_is_quoted():
    assert assigned("", {"A": "b c", "E": ""}) == "A='b c'\nE=''\n"


def test_a_file_of_exports():
    text = assigned("export LANG=a\n", {"LANG": "b", "C": "d"}, "export ")
    assert text == "export LANG=b\nexport C=d\n"
    assert value_of(text, "LANG") == "b"


@pytest.mark.parametrize(("text", "value"), [("", ""), ("#A=b", ""), ("A=b\nA='c d'", "c d"), ('A="x"\nAB=y', "x")])
def test_the_last_value_is_what_a_name_stands_for(text, value):
    assert value_of(text, "A") == value
