"""The versions of the wireserver's protocol: which one is spoken, and what is said where there is none."""

import time

import pytest

from cloudboot.clouds import wireserver
from cloudboot.errors import CloudbootError, Unreachable
from tests.clouds import host, probe
from tests.datasources.test_fault_matrix import BROKEN, BUSY, LIES, NO
from tools.mock_cloud.azure import Azure, instance
from tools.mock_cloud.server import Server

OURS = wireserver.SPOKEN[0]
GOAL = f"GET {wireserver.GOAL}"
VERSIONS = f"GET {wireserver.VERSIONS}"


def goal(server, patience=5.0):
    service = wireserver.reached(probe(host(), server).but(patience=patience), server.url)
    try:
        return wireserver.goal(service)
    finally:
        service.close()


@pytest.mark.parametrize("versions", [(OURS,), (OURS, "2011-08-31"), ("2015-04-05", OURS), ("2099-01-01", "x", OURS)])
def test_a_version_that_both_know_is_spoken_over_the_one_connection(versions):
    with Server(Azure(instance(), wire_versions=versions)) as server:
        assert goal(server).version == OURS
    assert (server.paths(), server.connections) == ([VERSIONS, GOAL], 1)
    assert server.requests[1].headers["x-ms-version"] == OURS


def test_of_several_that_both_know_the_server_has_its_way(monkeypatch):
    monkeypatch.setattr(wireserver, "SPOKEN", ("2030-01-01", OURS))
    with Server(Azure(instance(), wire_versions=(OURS, "2030-01-01"))) as server:
        assert goal(server).version == OURS
    with Server(Azure(instance(), wire_versions=("2040-01-01", OURS, "2030-01-01"))) as server:
        assert goal(server).version == "2030-01-01"
        told = wireserver.health_headers(goal(server))
    assert told["x-ms-version"] == "2030-01-01"


def test_a_server_that_knows_none_of_ours_is_asked_no_more_and_named():
    none = pytest.raises(Unreachable, match=r"\(2015-04-05, 2099-01-01\) none is spoken")
    with Server(Azure(instance(), wire_versions=("2015-04-05", "2099-01-01"))) as server, none as caught:
        goal(server)
    assert OURS in caught.value.remedy
    assert server.paths() == [VERSIONS]


@pytest.mark.parametrize("list", ["<Versions/>", "<Versions><Supported/></Versions>", "<Other/>", "[]", "",
                                  "<Versions><Supported><Version></Version></Supported></Versions>"])  # fmt: skip
def test_a_list_of_nothing_is_none_of_ours(list):
    with Server(Azure(instance())) as server:
        server.fault(f"body:{list}", VERSIONS.replace("?", "[?]"))
        with pytest.raises(Unreachable, match="wireserver at"):
            goal(server)
    assert server.paths() == [VERSIONS]


def test_a_list_of_very_many_is_not_repeated_whole():
    versions = [f"{i}" + "v" * 1000 for i in range(1000)]
    with Server(Azure(instance(), wire_versions=versions)) as server, pytest.raises(Unreachable) as caught:
        goal(server)
    assert len(caught.value.reason) < 400


def test_a_server_without_a_list_is_spoken_to_in_ours_at_once():
    with Server(Azure(instance(), wire_versions=None)) as server:
        assert goal(server).version == OURS
    assert (server.paths(), server.connections) == ([VERSIONS, GOAL], 1)


@pytest.mark.parametrize("fault", [*BROKEN, *BUSY, *NO, *LIES])
def test_whatever_becomes_of_the_list_it_is_the_right_version_or_a_named_failure_in_time(fault):
    began = time.monotonic()
    with Server(Azure(instance())) as server:
        server.fault(fault, "ACCEPT" if fault == "reset-on-accept" else VERSIONS.replace("?", "[?]"))
        try:
            found = goal(server, 0.2)
        except CloudbootError as problem:
            assert "wireserver" in str(problem)
        else:
            assert found.version == OURS
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("fault", [*BROKEN, "503", "429"])
def test_a_list_that_comes_at_the_second_time_is_as_good(fault):
    with Server(Azure(instance())) as server:
        server.fault(fault, "ACCEPT" if fault == "reset-on-accept" else VERSIONS.replace("?", "[?]"), times=1)
        service = wireserver.Service("Azure's wireserver", [server.url], budget=20.0, attempt=0.3)
        assert wireserver.goal(service).version == OURS
        service.close()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_server_that_shows_no_list_is_spoken_to_in_ours(status):
    with Server(Azure(instance())) as server:
        server.fault(str(status), VERSIONS.replace("?", "[?]"))
        assert goal(server).version == OURS
