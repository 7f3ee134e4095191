import pytest

from cloudboot.cli import main, names, words
from cloudboot.cli.words import Verb, Word
from cloudboot.errors import Usage

VERB = Verb("paint", "Paints.", "cloudboot paint --colour red wall", (
    Word("--colour", "which", value="NAME", choices=("red", "green")), Word("--twice", "again"),
    Word("WALL", "what", needed=True), Word("MORE", "what else", many=True)), lambda given: 0)  # fmt: skip


def test_options_stand_before_or_after_arguments_with_equals_or_without():
    given = words.read(VERB, ["north", "--colour=red", "--twice", "south", "--", "--west"])
    assert (given.text("--colour"), given.flag("--twice")) == ("red", True)
    assert (given.text("WALL"), given.texts("MORE")) == ("north", ("south", "--west"))


@pytest.mark.parametrize("argv,complaint", [
    (["wall", "--color", "red"], "no such option: --color; did you mean --colour?"),
    (["wall", "--colour", "reed"], "--colour is one of red, green; did you mean red?"),
    (["wall", "--colour"], "--colour needs a value: NAME"),
    (["wall", "--twice=2"], "--twice takes no value"),
    ([], "WALL is missing; for example: cloudboot paint --colour red wall"),
])  # fmt: skip
def test_a_wrong_word_is_answered_with_what_would_be_right(argv, complaint):
    with pytest.raises(Usage) as caught:
        words.read(VERB, argv)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "line", ["version", "--version", "--debug version", "version --root /tmp", "--root=/tmp version"]
)
def test_global_options_are_taken_before_and_after_the_verb(line, capsys):
    assert main(line.split()) == 0
    assert capsys.readouterr().out.startswith("cloudboot ")


def test_an_option_of_a_verb_before_it_is_answered_with_its_place(capsys):
    assert main(["--seed", "/seed", "plan"]) == 2
    assert capsys.readouterr().err == "cloudboot: the options of plan come after it; cloudboot plan --seed ...\n"


def test_a_wrong_verb_ends_with_status_2_and_the_nearest_one(capsys):
    assert main(["versio"]) == 2
    assert capsys.readouterr().err == "cloudboot: no such verb: versio; did you mean version?\n"


@pytest.mark.parametrize("name", names())
def test_every_verb_has_help_with_one_example(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"usage: cloudboot {name}" in text
    assert f"example: cloudboot {name}" in text
    assert main(["--help"]) == 0
    assert f"  {name} " in capsys.readouterr().out
