"""The reference clock: every actor is a SimPy process, every item of the outbox a SimPy event."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from escalation.clocks.python_policy import consult, policies_of
from escalation.model.handle import begin, end_wake, handle, wake_up
from escalation.model.kernel import SCALARS, Log, element_of, types_of
from escalation.model.measure import measure_end
from escalation.model.state import State
from escalation.model.tables import UNCERTAIN, WAKE, Tables, lengths
from escalation.model.trace import Trace
from escalation.model.wake import count_event
from escalation.model.world import DONE, Replication, World, extract

if TYPE_CHECKING:
    from simpy.events import Event

FIRST = 2
"""Priorities below this belong to SimPy's own deliveries, so that they come before every item."""

Item = tuple[int, int, int]
"""What is delivered to an actor: the kind of event and its two arguments."""


class Clock:
    """One replication on SimPy's clock.

    Items at one instant come in the order (rank of kind, rank of the actor's name, emission): that is the
    priority of the SimPy event, and SimPy counts events as they are emitted.
    """

    def __init__(self, world: World, w: Tables):
        self.world, self.w = world, w
        self.policies = policies_of(world)
        import simpy  # noqa: PLC0415 - the compiled clock does without

        self.environment = simpy.Environment()
        self.inbox = [self.environment.event() for _ in range(w.actors + 1)]
        for actor in range(w.actors + 1):
            self.environment.process(self.live(actor))

    def run(self) -> None:
        """Let everything happen that happens before the end, or until the replication is truncated."""
        begin(self.w)
        self.post()
        tally, environment = self.w.state.tally, self.environment
        while tally.status == DONE and environment.peek() < self.w.end:
            environment.step()
        measure_end(self.w, self.w.end if tally.status == DONE else float(environment.now))

    def live(self, actor: int) -> Generator[Event, Item, None]:
        """Wait for the next item of this actor (the last number is the world), handle it, go on."""
        while True:
            kind, a, b = yield self.inbox[actor]
            self.inbox[actor] = self.environment.event()
            now = float(self.environment.now)
            if kind == WAKE and actor in self.policies:
                self.wake(actor, a, b, now)
            else:
                handle(self.w, now, kind, actor, a, b)
            self.post()

    def wake(self, actor: int, about: int, generation: int, now: float) -> None:
        """Let an actor with a Python policy wake: the same steps, with its own choice in the middle."""
        w = self.w
        count_event(w)
        if wake_up(w, actor, about, generation):
            consult(self.world, self.policies[actor], w, actor, about, now)
        if generation == w.state.dyad[actor * w.actors + about].generation:
            end_wake(w, actor, about, now)

    def post(self) -> None:
        """Turn the outbox into SimPy events."""
        state, now = self.w.state, float(self.environment.now)
        for n in range(state.tally.out):
            item = state.out[n]
            event = self.environment.event()
            event._ok, event._value = True, None
            event.callbacks.append(partial(self.deliver, item.actor, (item.kind, item.a, item.b)))
            priority = FIRST + item.kind * (self.w.actors + 1) + item.actor
            self.environment.schedule(event, priority, item.time - now)  # type: ignore[arg-type]
        state.tally.out = 0

    def deliver(self, actor: int, item: Item, _: Event) -> None:
        """Hand an item to its actor."""
        self.inbox[actor].succeed(item)


class Cells:
    """The column `Tables.numbers` when it is interpreted: what is set there is a field of a record."""

    def __init__(self, tables: dict[str, list[Any]], positions: Iterable[int]) -> None:
        fields = [
            (record, name) for table in UNCERTAIN for record in tables[table] for name in record.__slots__
        ]
        self.fields = {at: fields[at] for at in positions}

    def __setitem__(self, at: int, value: float) -> None:
        record, name = self.fields[at]
        setattr(record, name, value)


def interpreted(arrays: Any) -> Tables:
    """Return tables of arrays as tables of lists and objects: several times faster when interpreted."""
    tables: dict[str, Any] = {}
    for name, kind in types_of(Tables).items():
        value, element = getattr(arrays, name), element_of(kind) or kind
        if isinstance(value, np.ndarray):
            rows = value.tolist()
            value = rows if element in SCALARS else [element(*row) for row in rows]
        tables[name] = value
    tables["numbers"] = Cells(tables, arrays.cell["at"].tolist())
    tables["model"] = tables["model"][0]
    return Tables(**tables)


def new_state(w: Tables) -> State:
    """Return a fresh state of lists and objects, with room for all that `w` has; `begin` fills it."""
    columns: dict[str, Any] = {}
    rows = lengths(w)
    for name, kind in types_of(State).items():
        element = element_of(kind)
        if element is None:
            columns[name] = kind()
        elif name not in rows:
            columns[name] = Log(element)
        elif element in SCALARS:
            columns[name] = [0 if element is not float else 0.0] * rows[name]
        else:
            columns[name] = [element() for _ in range(rows[name])]
    return State(**columns)


_local = threading.local()


def tables_of(world: World) -> Tables:
    """Return the tables of a world as lists and objects: this thread's, until it turns to another world."""
    if getattr(_local, "world", None) is not world:
        _local.tables, _local.world = interpreted(world.tables), world
    tables: Tables = copy(_local.tables)
    return tables


def play(world: World, seed: int, replication: int, trace: Trace | None = None) -> Tables:
    """Run one replication and return the world as it is at the end; each decision is noted in a `trace`."""
    w = tables_of(world)
    w.state, w.trace = new_state(w), trace
    stream = w.state.stream
    stream[0], stream[1], stream[2] = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, replication
    Clock(world, w).run()
    return w


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: it depends on (world, seed, replication) alone."""
    return extract(play(world, seed, replication))
