import pytest

from cloudboot.noun import Choice, Noun, option
from cloudboot.schema import Text


class Point(Noun):
    x: int
    y: int = 0


class Named(Point):
    name: str = option(Text, default="origin", help="what it is called")


def test_a_noun_takes_its_fields_in_order_or_by_name_and_fills_in_defaults():
    assert Point(1) == Point(x=1, y=0)
    assert repr(Point(1, 2)) == "Point(x=1, y=2)"


def test_nouns_of_different_classes_are_never_equal():
    assert Point(1) != Named(1)


def test_a_noun_cannot_be_changed_but_gives_a_changed_copy():
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        del point.x
    assert point.but(y=5) == Point(1, 5)
    assert point == Point(1)


@pytest.mark.parametrize("wrong", [lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(1, z=3)])
def test_missing_and_unknown_fields_are_refused(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_an_option_is_its_default_until_a_document_says_otherwise():
    assert Named(1).name == "origin"
    assert Named._options["name"].help == "what it is called"


def test_equal_nouns_hash_alike():
    assert len({Point(1), Point(1), Point(2)}) == 2


def test_a_choice_is_one_of_a_few_named_values_and_found_by_its_own():
    class Size(Choice):
        SMALL = "s"
        LARGE = "l"

    assert Size("s") is Size.SMALL and list(Size) == [Size.SMALL, Size.LARGE]
    assert (Size.LARGE.name, Size.LARGE.value, repr(Size.LARGE)) == ("LARGE", "l", "<Size.LARGE: 'l'>")
    assert isinstance(Size.SMALL, Size) and {Size.SMALL: 1}[Size.SMALL] == 1
    with pytest.raises(ValueError):
        Size("m")
