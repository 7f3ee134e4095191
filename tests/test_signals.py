"""What a cloud is told of its machine, and when."""

import json

import pytest

from cloudboot import start, tell
from cloudboot.datasource import Every, Signal, Stage
from cloudboot.datasources import nocloud
from cloudboot.errors import Absent, NotYet, Unreachable
from cloudboot.host import again, look
from cloudboot.system.actions import Tell
from tests.test_boot import Tree
from tools.mock_cloud.server import Answer, Server
from tools.mock_cloud.xenstore import XenStore

USER_DATA = "#cloud-config\nwrite_files: [{path: /etc/motd, content: hello}]\n"
HEARD = "/var/heard"


@pytest.fixture
def tree(tmp_path):
    made = Tree(tmp_path / "machine")
    made.seed(USER_DATA)
    return made


@pytest.fixture
def signals(monkeypatch):
    """Gives the NoCloud datasource signals: (name, stage, how often, what is wrong with it)."""

    def give(*told, **more):
        def one(name, stage, every, problem=None):
            def say(system, probe, instance):
                if problem:
                    raise problem
                system.append(HEARD, f"{stage.value} {name} {instance.id} {system.text('/etc/motd')}\n")

            return Signal(name, stage, every, say, more.get("due", lambda instance: True))

        about = {"signals": tuple(one(*words) for words in told), "failed": more.get("failed")}
        monkeypatch.setattr(nocloud, "DATASOURCE", NOCLOUD.but(**about))

    return give


NOCLOUD = nocloud.DATASOURCE


def test_a_cloud_is_told_at_the_end_of_a_stage(tree, signals):
    signals(("up", Stage.NETWORK, Every.INSTANCE), ("done", Stage.FINAL, Every.INSTANCE))
    assert tree.run("boot") == 0
    assert tree.read(HEARD) == "network up i-1 hello\nfinal done i-1 hello\n"
    assert {"nocloud_up", "nocloud_done"} <= set(tree.ran())


def test_what_belongs_to_an_instance_is_told_once_and_what_belongs_to_a_boot_at_each(tree, signals):
    signals(("up", Stage.NETWORK, Every.INSTANCE), ("booted", Stage.FINAL, Every.BOOT))
    tree.run("boot")
    tree.run("boot")
    assert [line.split()[1] for line in tree.read(HEARD).splitlines()] == ["up", "booted", "booted"]
    tree.seed(USER_DATA, id="i-2")
    tree.run("boot")
    assert tree.read(HEARD).splitlines()[3:] == ["network up i-2 hello", "final booted i-2 hello"]


def test_what_could_not_be_told_is_an_error_and_is_told_at_the_next_boot(tree, signals):
    signals(("up", Stage.NETWORK, Every.INSTANCE, Unreachable("nobody listens")))
    assert tree.run("boot") == 1
    assert tree.status()["errors"] == ["nocloud_up: nobody listens"]
    assert tree.read("/etc/motd") == "hello"
    signals(("up", Stage.NETWORK, Every.INSTANCE))
    assert tree.run("boot") == 0
    assert tree.read(HEARD) == "network up i-1 hello\n"


def test_a_signal_with_another_try_later_in_the_boot_is_a_warning_only(tree, signals):
    signals(("up", Stage.NETWORK, Every.INSTANCE, NotYet("nobody listens")), ("up", Stage.FINAL, Every.INSTANCE))
    assert tree.run("boot") == 2
    assert tree.status()["warnings"] == ["nocloud_up: nobody listens; it is tried again in this boot"]
    assert tree.read(HEARD) == "final up i-1 hello\n"


def test_where_there_is_nothing_to_say_nothing_is_said(tree, signals):
    signals(("up", Stage.NETWORK, Every.INSTANCE), due=lambda instance: instance.id != "i-1")
    assert tree.run("boot") == 0
    assert "nocloud_up" not in tree.ran()


def test_a_plan_shows_what_would_be_told_and_tells_nobody(tree, signals, capsys):
    signals(("up", Stage.NETWORK, Every.INSTANCE))
    tree.run("plan")
    assert HEARD in capsys.readouterr().out
    assert tree.read(HEARD) is None


def test_a_machine_that_nobody_could_tell_who_it_is_says_so(tree, signals, monkeypatch):
    def failed(system, probe, problem):
        system.append(HEARD, f"failed: {problem.reason}\n")

    def fetch(probe):
        raise Unreachable("it is silent")

    signals(failed=failed)
    monkeypatch.setattr(nocloud, "DATASOURCE", nocloud.DATASOURCE.but(fetch=fetch))
    tree.run("boot")
    assert tree.read(HEARD) == "failed: it is silent\n"


def test_a_machine_that_knows_who_it_is_does_not_fail_for_silence(tree, signals, monkeypatch):
    tree.run("boot")

    def failed(system, probe, problem):
        raise AssertionError("it did not fail")

    def fetch(probe):
        raise Unreachable("it is silent")

    signals(failed=failed)
    monkeypatch.setattr(nocloud, "DATASOURCE", nocloud.DATASOURCE.but(fetch=fetch))
    tree.run("boot")
    assert "nocloud_failed" not in tree.ran()
    assert tree.status()["cached"] is True


def test_another_clouds_machine_is_no_failure(tree, signals, monkeypatch):
    def fetch(probe):
        raise Absent("not mine")

    signals(failed=lambda *_: pytest.fail("it did not fail"))
    monkeypatch.setattr(nocloud, "DATASOURCE", nocloud.DATASOURCE.but(fetch=fetch))
    tree.run("boot")
    assert "nocloud_failed" not in tree.ran()


def waited(what, since):
    pass


def test_words_reach_a_service_over_its_own_channel(tmp_path):
    for more in ({}, {"unix": str(tmp_path / "socket")}):
        with Server(lambda request: Answer(202, b"thanks"), **more) as server:
            words = Tell(server.url, "/state?x=1", b"{}", {"X-Mark": "1"}, "PATCH")
            assert tell.tell(look(str(tmp_path)), words, waited) == b"thanks"
        assert server.paths() == ["PATCH /state?x=1"]
        assert (server.requests[0].body, server.requests[0].headers["x-mark"]) == (b"{}", "1")


def test_a_service_that_does_not_listen_is_named(tmp_path):
    with pytest.raises(Unreachable, match="the cloud"):
        tell.tell(look(str(tmp_path)), Tell("http://127.0.0.1:9", "/x", seconds=0.2), waited)


def test_words_reach_a_xen_host(tmp_path):
    (tmp_path / "run/xenstored").mkdir(parents=True)
    with XenStore(str(tmp_path / "run/xenstored/socket"), {"data/host/1": "asked"}) as store:
        host = look(str(tmp_path))
        tell.tell(host, Tell("xenstore", "data/guest/1", json.dumps({"returncode": "0"}).encode()), waited)
        tell.tell(host, Tell("xenstore", "data/host/1", method="DELETE"), waited)
        assert store.keys == {"data/guest/1": b'{"returncode": "0"}'}


def test_a_machine_without_a_xen_host_tells_none(tmp_path):
    with pytest.raises(Unreachable, match="reaches none"):
        tell.tell(look(str(tmp_path)), Tell("xenstore", "data/guest/1"), waited)


def test_words_go_by_the_channels_that_the_machine_has_by_then(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(tell, "tell", lambda host, words, waiting: seen.append(host) or b"")
    job = start.prepare(str(tmp_path))
    job.machine.root = "/"
    job.host = again(job.host, "xenstore")
    job.machine.perform(Tell("xenstore", "data/guest/1"))
    assert seen == [job.host]
