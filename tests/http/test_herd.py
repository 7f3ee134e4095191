"""Many machines that start at the same moment and ask one service that has too little room for them all.

The service and the time are made up, the pauses are the client's own; tools/herd does it with real clients and sockets.
"""

import heapq
from collections import Counter
from random import Random

import pytest

from cloudboot.http.breaks import LONGEST, PAUSE, break_of

ROUNDS = (1, 4, 25, 6)  # questions that are put at once: what EC2's metadata takes
ROUND_TRIP = 0.002


class Room:
    """So many requests a second are answered, a tenth of that at once."""

    def __init__(self, rate):
        self.rate, self.most, self.left, self.at = rate, rate / 10, rate / 10, 0.0

    def take(self, now):
        self.left = min(self.most, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Client:
    def __init__(self):
        self.rounds, self.left, self.alone, self.pause, self.done = list(ROUNDS), 0, False, PAUSE, False

    def ask(self, room, now, luck, asked):
        """Puts its next questions; when it goes on, and how many they were."""
        if not self.left:
            self.left, self.pause = self.rounds.pop(0), PAUSE
        put = 1 if self.alone else self.left
        answered = sum(room.take(now) for _ in range(put))
        self.left -= answered
        self.done = not self.left and not self.rounds
        wait = ROUND_TRIP
        if answered < put:
            wait += break_of(asked, self.pause, luck)
            self.pause = min(self.pause * 2, LONGEST)
            self.alone = True  # what was not answered is asked for on its own, and no more is put at once
        return now + wait, put


@pytest.mark.parametrize("rate", [1000, 2000, 3000])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_herd_is_served_without_trampling(rate, seed):
    random, room, machines = Random(seed), Room(rate), 1000
    events = [(random.uniform(0, 0.05), number, Client()) for number in range(machines)]
    heapq.heapify(events)
    requests, last = Counter(), 0.0
    while events:
        now, number, client = heapq.heappop(events)
        later, put = client.ask(room, now, random.random(), 1.0)
        requests[int(now)] += put
        last = max(last, now)
        if not client.done:
            heapq.heappush(events, (later, number, client))
    whole = sum(requests.values())
    assert max(requests.values()) < 2 * whole / last
    assert whole < 1.5 * machines * sum(ROUNDS)
    assert last < 2 * machines * sum(ROUNDS) / rate


@pytest.mark.parametrize("asked", [None, 0.0, 1.0, 1e9])
def test_a_break_is_as_long_as_was_asked_at_least_and_bounded(asked):
    told = min(asked or 0.0, LONGEST)
    for luck in (0.0, 0.5, 1.0):
        assert told <= break_of(asked, PAUSE, luck) <= max(PAUSE, 3 * told)
        assert told <= break_of(asked, 1000.0, luck) <= max(1000.0, 5 * told)
    assert break_of(asked, PAUSE, 0.0) < break_of(asked, PAUSE, 1.0)
