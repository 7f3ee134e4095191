import itertools

from hypothesis import given
from hypothesis import strategies as some

from cloudboot.dhcp.exchange import BETTER, FIRST, LONGEST, SPREAD, Exchange
from tests.dhcp.replies import ACK, MAC, NAK, OFFER, kind_of, options_of, packet, reply

OTHER = b"\xc0\0\2\2"


def exchange():
    counter = itertools.count(1)
    return Exchange("eth0", MAC, 0.0, draw=lambda size: next(counter).to_bytes(size, "big"))


def say(ours, asked, kind, now=0.0, **more):
    return ours.hear(packet(reply(kind, asked, **more)), now)


def test_an_offer_is_asked_for_and_acknowledged():
    ours = exchange()
    asked = ours.tick(0.0)
    assert kind_of(asked) == 1
    wanted = say(ours, asked, OFFER)
    assert kind_of(wanted) == 3
    assert say(ours, asked, ACK) is None
    assert ours.lease.address == "192.0.2.10"
    assert ours.tick(99.0) is None


def test_a_question_without_an_answer_is_asked_again_ever_more_slowly():
    ours, now, pauses = exchange(), 0.0, []
    for _ in range(7):
        assert kind_of(ours.tick(now)) == 1
        pauses.append(ours.due - now)
        now = ours.due
    expected = [FIRST * 2**n if FIRST * 2**n < LONGEST else LONGEST for n in range(7)]
    assert all(e * (1 - SPREAD) <= p <= e * (1 + SPREAD) for p, e in zip(pauses, expected))


def test_machines_that_start_together_do_not_stay_together():
    dues = set()
    for _ in range(50):
        ours = Exchange("eth0", MAC, 0.0)
        ours.tick(0.0)
        dues.add(ours.due)
    assert len(dues) > 40


def test_each_conversation_has_a_number_of_its_own():
    numbers = {Exchange("eth0", MAC, 0.0).tick(0.0)[32:36] for _ in range(100)}
    assert len(numbers) == 100


def test_what_is_meant_for_others_is_not_heard():
    ours = exchange()
    asked = ours.tick(0.0)
    assert say(ours, asked, OFFER, xid=b"\xff\xff\xff\xff") is None
    assert say(ours, asked, OFFER, mac=b"\2\0\0\0\0\2") is None
    assert say(ours, asked, ACK) is None
    assert say(ours, asked, NAK) is None
    assert ours.hear(b"garbage", 0.0) is None
    assert ours.hear(packet(b"garbage" * 50), 0.0) is None
    assert ours.lease is None
    assert set(ours.ignored) == {
        "it belongs to another conversation",
        "it is another machine's",
        "nothing was asked of this server",
        "it is no reply of a DHCP server to an Ethernet card",
    }


def test_an_acknowledgement_of_another_address_or_server_is_not_taken():
    ours = exchange()
    asked = ours.tick(0.0)
    say(ours, asked, OFFER)
    say(ours, asked, ACK, yours=b"\xc0\0\2\x63")
    say(ours, asked, ACK, server=OTHER)
    assert ours.lease is None


def test_an_offer_that_leads_nowhere_waits_a_moment_for_a_better_one():
    ours = exchange()
    asked = ours.tick(0.0)
    assert say(ours, asked, OFFER, now=0.1, o3=None, server=OTHER) is None
    assert ours.due <= 0.1 + BETTER
    assert options_of(say(ours, asked, OFFER, now=0.15))[54] == b"\xc0\0\2\1"


def test_an_offer_that_leads_nowhere_is_better_than_none():
    ours = exchange()
    asked = ours.tick(0.0)
    say(ours, asked, OFFER, now=0.1, o3=None)
    assert kind_of(ours.tick(ours.due)) == 3
    say(ours, asked, ACK, o3=None)
    assert ours.lease.routes == ()


def test_after_a_refusal_it_begins_anew_and_takes_another_servers_word():
    ours = exchange()
    asked = ours.tick(0.0)
    say(ours, asked, OFFER)
    assert say(ours, asked, NAK, now=0.2) is None
    again = ours.tick(ours.due)
    assert (kind_of(again), again[32:36] != asked[32:36]) == (1, True)
    assert say(ours, again, OFFER) is None
    assert options_of(say(ours, again, OFFER, server=OTHER))[54] == OTHER


def test_a_server_that_offers_and_then_is_silent_is_left_and_taken_only_where_there_is_no_other():
    ours = exchange()
    asked = ours.tick(0.0)
    said = [kind_of(say(ours, asked, OFFER))]
    while said.count(1) < 1:
        asked = ours.tick(ours.due)
        said.append(kind_of(asked))
    assert said == [3, 3, 3, 1]
    now = ours.due
    assert say(ours, asked, OFFER, now=now) is None
    assert kind_of(ours.tick(ours.due)) == 3


def test_an_answer_to_a_question_that_was_given_up_is_too_late():
    ours = exchange()
    asked = ours.tick(0.0)
    say(ours, asked, OFFER)
    say(ours, asked, NAK)
    ours.tick(ours.due)
    assert say(ours, asked, OFFER) is None
    assert "it belongs to another conversation" in ours.ignored


@given(some.lists(some.tuples(some.sampled_from(["tick", "offer", "poor", "ack", "nak", "noise", "other"]),
                              some.floats(0, 5)), max_size=40))  # fmt: skip
def test_whatever_servers_say_no_moment_is_without_a_next_one(script):
    ours, now, sent = exchange(), 0.0, 0
    asked = ours.tick(now)
    for what, later in script:
        now += later
        said = {"offer": (OFFER, {}), "poor": (OFFER, {"o3": None}), "ack": (ACK, {}), "nak": (NAK, {}),
                "other": (OFFER, {"server": OTHER})}  # fmt: skip
        if what == "tick":
            packet_out = ours.tick(now) if now >= ours.due else None
        elif what == "noise":
            packet_out = ours.hear(b"\x45" + bytes(60), now)
        else:
            kind, more = said[what]
            packet_out = say(ours, asked, kind, now, **more)
        if packet_out:
            sent += 1
            asked = packet_out
    assert ours.lease is not None or ours.due <= now + LONGEST * (1 + SPREAD)
    assert sent <= len(script)
