import pytest

from cloudboot.errors import CloudbootError, Trouble


def test_trouble_goes_on_after_a_problem_and_tells_it_at_the_end():
    trouble, done = Trouble(), []
    for step in ("a", "b", "c"):
        with trouble:
            if step == "b":
                raise CloudbootError("b failed", "try again")
            done.append(step)
    assert done == ["a", "c"]
    with pytest.raises(CloudbootError) as caught:
        trouble.tell()
    assert str(caught.value) == "b failed; try again"


def test_several_problems_are_told_together_and_none_is_silence():
    trouble = Trouble()
    trouble.tell()
    for reason in ("a", "b"):
        with trouble:
            raise CloudbootError(reason)
    with pytest.raises(CloudbootError) as caught:
        trouble.tell()
    assert str(caught.value) == "a; b"


def test_a_bug_is_no_trouble():
    with pytest.raises(KeyError), Trouble():
        raise KeyError("x")
