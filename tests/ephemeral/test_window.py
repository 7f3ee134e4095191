import os
import signal
import threading

import pytest

from cloudboot.ephemeral.window import Window, sweep
from cloudboot.netlink.kernel import Kernel
from cloudboot.netlink.values import Address, Route
from tests.namespaces import namespaces


@pytest.fixture
def net():
    with namespaces() as (here, there):
        here.wire(there)
        kernel = here.inside(Kernel)
        yield here, kernel
        kernel.close()


def things(kernel):
    link = next(link for link in kernel.links() if link.name == "eth0")
    return (link, Address(link.index, "192.0.2.7", 24, bare=True), Route(link.index, "192.0.2.0", 24, "", "192.0.2.7"),
            Route(link.index, "0.0.0.0", 0, "192.0.2.1", "192.0.2.7"))  # fmt: skip


def test_all_that_was_added_is_taken_away(net):
    here, kernel = net
    before = here.picture()
    with Window(kernel, lambda kept: None) as window:
        window.add(*things(kernel))
        assert "default via 192.0.2.1" in here.run("ip route")
    assert here.picture() == before


def test_what_was_there_before_stays(net):
    here, kernel = net
    for line in ("link set eth0 up", "addr add 192.0.2.7/24 dev eth0", "route add default via 192.0.2.1"):
        here.run(f"ip {line}")
    before = here.picture()
    with Window(kernel, lambda kept: None) as window:
        window.add(*things(kernel))
    assert here.picture() == before


def test_an_error_halfway_leaves_nothing(net):
    here, kernel = net
    before = here.picture()
    with pytest.raises(ZeroDivisionError), Window(kernel, lambda kept: None) as window:
        window.add(*things(kernel))
        1 / 0  # noqa: B018
    assert here.picture() == before


def test_what_the_kernel_refuses_is_told_and_the_rest_is_there(net):
    here, kernel = net
    before = here.picture()
    with Window(kernel, lambda kept: None) as window:
        link, address, *routes = things(kernel)
        wrong = Route(link.index, "10.0.0.0", 8, "192.0.2.7", "192.0.2.7")
        refused = window.add(link, address, wrong, *routes)
        assert [no.reason for no in refused] == ["add route 10.0.0.0/8: Invalid argument"]
        assert "default via 192.0.2.1" in here.run("ip route")
    assert here.picture() == before


def test_a_part_can_be_taken_away_before_the_rest(net):
    here, kernel = net
    with Window(kernel, lambda kept: None) as window:
        link, *rest = things(kernel)
        window.add(link)
        mark = window.mark
        window.add(*rest)
        window.undo(mark)
        assert here.run("ip -4 route") == ""
        assert "UP" in here.run("ip link show eth0")


def test_what_is_to_be_taken_away_is_written_down_before_it_is_there(net):
    here, kernel = net
    kept = []
    with Window(kernel, lambda now: kept.append((list(now), here.run("ip addr show dev eth0")))) as window:
        window.add(*things(kernel))
    assert len(kept[0][0]) == 4
    assert "192.0.2.7" not in kept[0][1]
    assert kept[-1][0] == []
    assert "192.0.2.7" not in kept[-1][1]


def test_what_a_killed_agent_left_is_swept_away(net):
    here, kernel = net
    before = here.picture()
    kept = []
    Window(kernel, lambda now: kept.append(list(now))).add(*things(kernel))
    assert here.picture() != before
    sweep(kernel, kept[-1])
    assert here.picture() == before
    sweep(kernel, kept[-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_ends_the_process_takes_all_away_first(net, number):
    here, kernel = net
    assert threading.current_thread() is threading.main_thread()
    before, handler = here.picture(), signal.getsignal(number)
    with pytest.raises(SystemExit) as end, Window(kernel, lambda kept: None) as window:
        window.add(*things(kernel))
        os.kill(os.getpid(), number)
    assert end.value.code == 128 + number
    assert here.picture() == before
    assert signal.getsignal(number) is handler


def test_a_signal_in_the_middle_of_taking_away_waits_for_its_end(net):
    here, kernel = net
    before = here.picture()

    def keep(kept):
        if not kept:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit), Window(kernel, keep) as window:
        window.add(*things(kernel))
    assert here.picture() == before
