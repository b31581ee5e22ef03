"""The reference clock: every actor is a SimPy process, every item of the outbox a SimPy event."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import lru_cache

import simpy
from simpy.events import Event

from escalation.clocks.python_policy import PythonPolicy, begin_event, consult, factories
from escalation.model.begin import begin
from escalation.model.handle import go_on, handle, wake_up
from escalation.model.measure import measure_end
from escalation.model.numbers import Numbers
from escalation.model.result import extract
from escalation.model.state import OUT, STATUS, State, new_state
from escalation.model.tables import WAKE, Tables, plain
from escalation.model.world import DONE, Replication, World

FIRST = 2
"""Priorities below this belong to SimPy's own deliveries, so that they come before every item."""

Item = tuple[int, int, int]
"""What is delivered to an actor: the kind of event and its two arguments."""


class Clock:
    """One replication on SimPy's clock.

    Items at one instant come in the order (rank of kind, rank of the actor's name, emission): that is the
    priority of the SimPy event, and SimPy counts events as they are emitted.
    """

    def __init__(self, world: World, tables: Tables, numbers: Numbers, state: State):
        self.world, self.tables, self.numbers, self.state = world, tables, numbers, state
        self.policies: dict[int, PythonPolicy] = {i: make() for i, make in factories(world).items()}
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
        finished = self.state.tally[STATUS] == DONE
        end = self.tables.end if finished else float(environment.now)
        measure_end(self.tables, self.numbers, self.state, end)

    def live(self, actor: int) -> Generator[Event, Item, None]:
        """Wait for the next item of this actor (the last number is the world), handle it, go on."""
        while True:
            kind, a, b = yield self.inbox[actor]
            self.inbox[actor] = self.environment.event()
            now = float(self.environment.now)
            if kind == WAKE and actor in self.policies:
                self.wake(actor, a, b, now)
            else:
                handle(self.tables, self.numbers, self.state, now, kind, actor, a, b)
            self.post()

    def wake(self, actor: int, about: int, generation: int, now: float) -> None:
        """Let an actor with a Python policy wake: the same steps, with its own choice in the middle."""
        tables, numbers, state = self.tables, self.numbers, self.state
        begin_event(tables, state)
        if wake_up(tables, state, actor, about, generation):
            consult(self.world, self.policies[actor], tables, numbers, state, actor, about, now)
        if generation == state.generation[actor * tables.actors + about]:
            go_on(tables, numbers, state, actor, about, now)

    def post(self) -> None:
        """Turn the outbox into SimPy events."""
        state, now = self.state, float(self.environment.now)
        for n in range(state.tally[OUT]):
            kind, actor = state.out_kind[n], state.out_actor[n]
            event = Event(self.environment)
            event._ok, event._value = True, None
            event.callbacks.append(self.delivery(actor, (kind, state.out_a[n], state.out_b[n])))
            priority = FIRST + kind * (self.tables.actors + 1) + actor
            self.environment.schedule(event, priority, state.out_time[n] - now)  # type: ignore[arg-type]
        state.tally[OUT] = 0

    def delivery(self, actor: int, item: Item) -> Callable[[Event], None]:
        """Return the callback that hands an item to its actor."""

        def deliver(_: Event) -> None:
            self.inbox[actor].succeed(item)

        return deliver


@lru_cache(maxsize=4)
def _plain(world: World) -> tuple[Tables, Numbers]:
    return plain(world.tables), plain(world.numbers)


def play(world: World, seed: int, replication: int, trace: bool = False) -> tuple[Tables, Numbers, State]:
    """Run one replication and return the world as it is at the end; with `trace`, each decision is noted."""
    tables, base = _plain(world)
    if trace:
        tables = tables._replace(trace=1)
    numbers = Numbers._make(list(column) for column in base)  # type: ignore[call-overload]
    state = new_state(tables)
    state.stream[0], state.stream[1] = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    state.stream[2] = replication
    Clock(world, tables, numbers, state).run()
    return tables, numbers, state


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: it depends on (world, seed, replication) alone."""
    tables, _, state = play(world, seed, replication)
    return extract(tables, state)
