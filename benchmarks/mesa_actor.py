"""An actor as a Mesa agent: what it holds against others, when it deliberates, what it chooses."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import mesa
from mesa.experimental.devs import Priority
from mesa_scenario import Instrument

if TYPE_CHECKING:
    from mesa_flywheel import Flywheel

NEVER = math.inf


def decay(elapsed: float, half_life: float) -> float:
    return 0.5 ** (elapsed / half_life)


class Towards:
    """What one actor holds against another and has done to it."""

    def __init__(self, expected: float):
        self.grievance, self.felt_at = 0.0, 0.0
        self.wake: Any = None
        self.pending = NEVER
        self.top = self.pull = self.pull_at = 0.0
        self.adopted_on = -1
        self.expected, self.sent, self.received = expected, 0.0, 0.0
        self.active: Counter[str] = Counter()
        self.uses: defaultdict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))


class Actor(mesa.Agent):
    """A state or bloc that feels, deliberates and acts."""

    model: Flywheel

    def __init__(self, model: Flywheel, name: str, attributes: dict[str, Any]):
        super().__init__(model)
        self.name = name
        self.__dict__.update(attributes)
        self.pressure = 0.0

    def meet(self) -> None:
        """Learn who else is there."""
        others = (other.name for other in self.model.agents if other is not self)
        self.towards = {name: Towards(self.expected) for name in others}

    @property
    def now(self) -> float:
        return float(self.model.simulator.time)

    def level(self, about: str) -> float:
        """Return the grievance against another, brought up to date."""
        held = self.towards[about]
        if held.felt_at != self.now:
            held.grievance *= decay(self.now - held.felt_at, self.half_life)
            held.felt_at = self.now
        return held.grievance

    def lag(self) -> float:
        gauss = self.model.random.gauss
        return sum(median * math.exp(spread * gauss(0.0, 1.0)) for median, spread in self.stages)

    def next_meeting(self, time: float) -> float:
        if not self.meetings:
            return time
        return next((day for day in self.meetings if day >= time), NEVER)

    def later(self) -> float:
        return self.next_meeting(self.now + 1e-6) if self.meetings else self.now + self.review

    def schedule(self, about: str, time: float) -> None:
        """Deliberate about another at `time` instead of when it was planned."""
        held, simulator = self.towards[about], self.model.simulator
        if held.wake is not None:
            simulator.cancel_event(held.wake)
            held.wake = None
        held.pending = NEVER
        if time >= self.model.takeover:
            held.pending = min(time, self.model.end)
            if time < self.model.end:
                held.wake = simulator.schedule_event_absolute(
                    self.deliberate, time, Priority.LOW, function_args=[about]
                )

    def jump(self, about: str, amount: float) -> None:
        """Feel something more against another, and wake if it is enough."""
        held = self.towards[about]
        level = self.level(about)
        held.grievance = level = max(level + amount, -10.0)
        emergency = level >= self.emergency
        if abs(level) < self.threshold or (held.pending < NEVER and not emergency):
            return
        time = max(self.model.takeover, self.now + self.emergency_lag) if emergency else NEVER
        if held.pending == NEVER:
            time = min(time, self.next_meeting(self.now + self.lag()))
        if time < held.pending or held.pending == NEVER:
            self.schedule(about, time)

    def feel(self, sender: Actor, target: Actor, what: Instrument, size: float) -> None:
        """Notice that `sender` did something to `target`."""
        solidarity = self.model.ties[self.name, target.name].solidarity
        if solidarity <= 0.0:
            return
        if target is self:
            self.towards[sender.name].received += max(0.0, what.severity)
        exposure = self.model.ties[sender.name, self.name].exposure
        felt = what.severity + self.felt * what.harm * exposure
        constants = self.model.constants
        if what.median > 0.0 and size > 0.0:
            felt *= (size / what.median) ** constants.size_exponent
        uses, at = sender.towards[target.name].uses[what.name]
        if uses > 0.0:
            uses *= decay(self.now - at, self.memory)
            felt *= max(constants.habituation_floor, self.habituation**uses)
        self.jump(sender.name, solidarity * felt)

    def partners(self, about: str) -> float:
        """Return how much recent acts of partners against another call for one more."""
        total = 0.0
        for other in self.model.agents:
            if other is not self and other.name != about:
                theirs = other.towards[about]
                fresh = decay(self.now - theirs.pull_at, self.model.constants.recent)
                total += self.model.ties[self.name, other.name].solidarity * theirs.pull * fresh / 10.0
        return total

    def utility(self, about: str, what: Instrument, D: float, partners: float) -> float:
        held, tie = self.towards[about], self.model.ties[self.name, about]
        s = what.severity
        proportionate = D if what.hostile else min(D, 0.0)
        total = self.alpha / 100.0 * s * (2.0 * proportionate - s)
        total -= self.own_cost * what.cost * tie.dependence
        total -= self.gradualism * max(0.0, what.rung - held.top - 1.0)
        total -= self.saturation * held.active[what.name]
        if what.hostile:
            urgency = min(1.0, abs(D) / 5.0)
            total += urgency * (self.bite * what.harm * tie.exposure + self.alignment * partners)
            total -= self.fear * held.expected * s / 10.0
        else:
            total += self.yielding * self.pressure * what.relief
        return total

    def choose(self, about: str, options: list[Instrument], D: float, partners: float, nothing: bool) -> Any:
        """Return one of the options, or None for doing nothing."""
        families = Counter(what.family for what in options)
        utilities = [self.utility(about, what, D, partners) for what in options]
        best = max([*utilities, self.inertia] if nothing else utilities)
        weights = [
            math.exp((u - best) / self.temperature) / families[what.family]
            for what, u in zip(options, utilities, strict=True)
        ]
        if nothing:
            return self.model.random.choices(
                [*options, None], [*weights, math.exp((self.inertia - best) / self.temperature)]
            )[0]
        return self.model.random.choices(options, weights)[0]

    def package(self, about: str, D: float) -> list[Instrument]:
        """Return what is to be done about another."""
        if abs(D) < self.d_min and self.pressure < self.yield_threshold:
            return []
        instruments = self.model.instruments
        options = [instruments[name] for name in instruments if name in self.repertoire]
        if D < self.d_min:
            options = [what for what in options if not what.hostile]
        partners, package = self.partners(about), []
        while len(package) < self.package_limit:
            if package and self.model.random.random() >= self.more:
                break
            what = self.choose(about, options, D, partners, not package) if options else None
            if what is None:
                break
            package.append(what)
            options = [one for one in options if one is not what and one.hostile == what.hostile]
        return package

    def deliberate(self, about: str) -> None:
        held = self.towards[about]
        held.wake, held.pending = None, NEVER
        if held.sent > 0.0:
            held.expected += self.learning * (min(2.0, held.received / held.sent) - held.expected)
            held.sent = 0.0
        held.received = 0.0
        D = min(10.0, max(-10.0, self.reciprocity * self.level(about)))
        package = self.package(about, D)
        if package:
            self.adopt(about, package)
        self.review_later(about)

    def review_later(self, about: str) -> None:
        if self.towards[about].pending == NEVER and abs(self.level(about)) >= self.threshold:
            self.schedule(about, self.later())

    def adopt(self, about: str, package: list[Instrument]) -> None:
        held = self.towards[about]
        for what in package:
            size = 0.0
            if what.median > 0.0:
                size = what.median * math.exp(what.spread * self.model.random.gauss(0.0, 1.0))
            self.act(about, what, size)
            self.model.chosen[self.name] += 1
        largest = max(what.severity for what in package)
        held.adopted_on, held.sent = math.floor(self.now), max(0.0, largest)
        self.discharge_by(about, largest if largest > 0.0 else min(what.severity for what in package))
        if any(what.hostile and what.family != "verbal" for what in package):
            for other in self.model.agents:
                if other is not self and other.name != about:
                    other.join_in(self, about)

    def discharge_by(self, about: str, severity: float) -> None:
        level = self.level(about)
        if level * severity > 0.0:
            self.towards[about].grievance *= max(0.0, 1.0 - self.discharge * severity / level)

    def join_in(self, partner: Actor, about: str) -> None:
        """Bring a pending deliberation forward to the instant at which a partner has acted."""
        held = self.towards[about]
        if self.model.ties[self.name, partner.name].solidarity <= 0.0 or not self.now < held.pending < NEVER:
            return
        if held.adopted_on == math.floor(self.now) or self.next_meeting(self.now) != self.now:
            return
        if self.model.random.random() < self.join:
            self.schedule(about, self.now)

    def act(self, target_name: str, what: Instrument, size: float) -> None:
        """Do one thing: the others feel it, and it is remembered."""
        target, held = self.model.named[target_name], self.towards[target_name]
        for other in self.model.agents:
            if other is not self:
                other.feel(self, target, what, size)
        uses, at = held.uses[what.name]
        held.uses[what.name] = (1.0 + uses * decay(self.now - at, target.memory), self.now)
        held.active[what.name] += 1
        if what.hostile:
            held.top = max(held.top, what.rung)
            if what.family != "verbal":
                fresh = decay(self.now - held.pull_at, self.model.constants.recent)
                held.pull, held.pull_at = held.pull * fresh + what.severity, self.now
        self.model.log.append((self.now, self.name, target_name, what.name, size))
        if self.now + what.delay < self.model.end:
            self.model.simulator.schedule_event_relative(
                target.bear, what.delay, Priority.HIGH, function_args=[self, what]
            )

    def bear(self, sender: Actor, what: Instrument) -> None:
        """Let a measure bite from the day on which it is in force."""
        before = self.pressure
        self.pressure += what.harm * self.model.ties[sender.name, self.name].exposure
        if before < self.yield_threshold <= self.pressure:
            time = self.next_meeting(self.now + self.lag())
            if self.model.takeover <= time < self.towards[sender.name].pending:
                self.schedule(sender.name, time)
