"""What a test needs of the machine that not every developer's has. There it is passed over, with the reason; where
everything is to be checked (``--everything``, as CI does), a missing thing is a failure."""

import os
import shutil

import pytest

PLACES = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
everything = False  # conftest.py sets it


def program(name):
    """The path of a program from one of the packages of .ci/packages."""
    path = shutil.which(str(name), path=PLACES)
    if path is None:
        _lacking(f"needs {name}")
    return path


def programs(*names):
    for name in names:
        program(name)


def path(name):
    """A file of one of the packages."""
    if not os.path.exists(name):
        _lacking(f"needs {name}")


def root():
    """Network namespaces, owners and loop devices are root's."""
    if os.geteuid() != 0:
        _lacking("needs root")


def _lacking(reason):
    if everything:
        pytest.fail(f"{reason}: install the packages of .ci/packages, and be root", pytrace=False)
    pytest.skip(reason)
