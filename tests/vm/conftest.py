"""The image that every virtual machine of these tests starts from."""

import pytest

from tools.boots import tree
from tools.boots.machine import image


@pytest.fixture(scope="session")
def debian():
    return tree.debian()


@pytest.fixture(scope="session")
def disk(debian):
    return image(tree.with_agent(debian))
