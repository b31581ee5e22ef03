"""The reference clock: every actor is a SimPy process, every item of the outbox a SimPy event."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import Any

import simpy
from simpy.events import Event

from escalation.model.begin import begin
from escalation.model.handle import handle
from escalation.model.measure import measure_end
from escalation.model.result import extract
from escalation.model.state import new_state
from escalation.model.tables import OUT, STATUS, Numbers, State, Tables, plain
from escalation.model.world import DONE, Replication, World

FIRST = 2
"""Priorities below this belong to SimPy's own deliveries, so that they come before every item."""


class Clock:
    """One replication on SimPy's clock.

    Items at one instant come in the order (rank of kind, rank of the actor's name, emission): that is the
    priority of the SimPy event, and SimPy counts events as they are emitted.
    """

    def __init__(self, tables: Tables, numbers: Numbers, state: State):
        self.tables, self.numbers, self.state = tables, numbers, state
        self.environment = simpy.Environment()
        self.inbox = [self.environment.event() for _ in range(tables.actors + 1)]
        for actor in range(tables.actors + 1):
            self.environment.process(self.live(actor))

    def run(self) -> None:
        """Let everything happen that happens before the end, or until the replication is truncated."""
        begin(self.tables, self.numbers, self.state)
        self.post()
        environment = self.environment
        while self.state.tally[STATUS] == DONE and environment.peek() < self.tables.end:
            environment.step()
        measure_end(self.tables, self.numbers, self.state)

    def live(self, actor: int) -> Generator[Event, tuple[int, int, int], None]:
        """Wait for the next item of this actor (the last number is the world), handle it, go on."""
        while True:
            kind, a, b = yield self.inbox[actor]
            self.inbox[actor] = self.environment.event()
            now = float(self.environment.now)
            handle(self.tables, self.numbers, self.state, now, kind, actor, a, b)
            self.post()

    def post(self) -> None:
        """Turn the outbox into SimPy events."""
        state, now = self.state, float(self.environment.now)
        for n in range(state.tally[OUT]):
            event = Event(self.environment)
            event._ok, event._value = True, None
            item = state.out_kind[n], state.out_actor[n], state.out_a[n], state.out_b[n]
            event.callbacks.append(self.delivery(*item))
            priority = FIRST + item[0] * (self.tables.actors + 1) + item[1]
            self.environment.schedule(event, priority, state.out_time[n] - now)  # type: ignore[arg-type]
        state.tally[OUT] = 0

    def delivery(self, kind: int, actor: int, a: int, b: int) -> Any:
        """Return the callback that hands an item to its actor."""
        return lambda _: self.inbox[actor].succeed((kind, a, b))


@lru_cache(maxsize=4)
def _plain(world: World) -> tuple[Tables, Numbers]:
    return plain(world.tables), plain(world.numbers)


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: it depends on (world, seed, replication) alone."""
    tables, numbers = _plain(world)
    numbers = Numbers._make(list(column) for column in numbers)  # type: ignore[call-overload]
    state = new_state(tables)
    state.stream[0], state.stream[1] = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    state.stream[2] = replication
    Clock(tables, numbers, state).run()
    return extract(tables, state)
