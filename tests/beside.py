"""Cases that lie beside the project, in a folder shared/cases: data of other people's making, none of it in here."""

import json
import os

import pytest


def folder():
    """Where the cases are, empty where there are none."""
    at = os.path.dirname(os.path.abspath(__file__))
    while at != "/":
        at = os.path.dirname(at)
        if os.path.isdir(f"{at}/shared/cases"):
            return f"{at}/shared/cases"
    return ""


def load(kind):
    """The cases of a kind as parameters of a test, by their ids; one that is skipped where there are none."""
    path = f"{folder()}/{kind}.jsonl"
    if not os.path.exists(path):
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"there are no cases of {kind} beside the project"))]
    with open(path) as file:
        return [pytest.param(case, id=case["id"]) for case in map(json.loads, file)]
