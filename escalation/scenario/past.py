"""A scenario whose past is a record: acts before a day are history, from that day on the model decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date

from escalation.errors import InputError
from escalation.scenario.document import HistoryAct, Scenario, Shock
from escalation.scenario.load import draft
from escalation.scenario.record import Record, RecordRow

EU_MEMBERS = frozenset(
    {
        "austria", "belgium", "bulgaria", "croatia", "cyprus", "czechia", "denmark", "estonia", "finland",
        "france", "germany", "greece", "hungary", "ireland", "italy", "latvia", "lithuania", "luxembourg",
        "malta", "netherlands", "poland", "portugal", "romania", "slovakia", "slovenia", "spain", "sweden",
    }
)  # fmt: skip
"""Members that stand for the EU as targets, where a scenario has the EU and not them."""


@dataclass(frozen=True)
class Past:
    """A scenario with a record as its past, and the acts of the record that it could not take, by reason."""

    scenario: Scenario
    left_out: Mapping[str, int]


def with_past(
    scenario: Scenario, record: Record, day: Date, horizon: int | None = None, shocks_known: bool = False
) -> Past:
    """Return `scenario` from `day` on, with what `record` holds before that day as its history.

    It ends `horizon` days later; without one it keeps its end, or its length where that is past. Dated shocks
    from `day` on are unknown to it, unless they are foreseen or `shocks_known`. What the record holds from
    `day` on has no influence. Raises InputError where the record has no act before `day`, ScenarioError where
    the result is no scenario.
    """
    past = record.before(day)
    history, left_out = _history(scenario, past)
    if not history:
        raise InputError(f"record {record.name}: no act of the scenario's actors before {day}")
    end = _end(scenario, day, horizon)
    shocks = {
        name: shock
        for name, shock in scenario.shocks.items()
        if shock.date is None or shock.date < (end if shocks_known or shock.foreseen else day)
    }
    history = {name: _answering(act, {*history, *shocks}) for name, act in history.items()}
    first = min([scenario.start, *(act.date for act in history.values())])
    update = {
        "start": first,
        "simulate_from": day,
        "end": max(end, scenario.end),
        "history": history,
        "shocks": shocks,
        "holds": {name: hold for name, hold in scenario.holds.items() if hold.until > day},
        "outcomes": scenario.outcomes.model_copy(
            update={"tension_at": tuple(at for at in scenario.outcomes.tension_at if first <= at < end)}
        ),
    }
    return Past(draft(scenario.model_copy(update=update), (), end).scenario(), left_out)


def _end(scenario: Scenario, day: Date, horizon: int | None) -> Date:
    if horizon is not None:
        return Date.fromordinal(day.toordinal() + horizon)
    if scenario.end > day:
        return scenario.end
    return Date.fromordinal(day.toordinal() + (scenario.end - scenario.takeover).days)


def _history(scenario: Scenario, past: Record) -> tuple[dict[str, HistoryAct], dict[str, int]]:
    """Return the acts of a record as history, named by their day and actor, and what was left out."""
    acts: dict[str, HistoryAct] = {}
    left_out: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    seen: set[tuple[object, ...]] = set()
    for entry in past.entries:
        if entry.kind == "shock" and _is_same_shock(scenario, entry):
            names.setdefault(entry.package, []).append(entry.instrument)
        if entry.kind != "act":
            continue
        targets = tuple(_targets(scenario, entry))
        reason = _why_not(scenario, entry, targets)
        key = (entry.date, entry.actor, targets, entry.instrument)
        if reason or key in seen:
            why = reason or "the same act on several members"
            left_out[why] = left_out.get(why, 0) + 1
            continue
        seen.add(key)
        name = _unused(f"{entry.actor[:30]}_{entry.date:%Y%m%d}", acts)
        answers = tuple(dict.fromkeys(name for package in entry.answers for name in names.get(package, ())))
        acts[name] = HistoryAct.model_validate(
            {
                "date": entry.date, "actor": entry.actor, "target": targets, "instrument": entry.instrument,
                "size": _size(scenario, entry), "answers": answers[:40], "note": entry.note or None,
            }
        )  # fmt: skip
        names.setdefault(entry.package, []).append(name)
    return acts, left_out


def _is_same_shock(scenario: Scenario, entry: RecordRow) -> bool:
    shock: Shock | None = scenario.shocks.get(entry.instrument)
    return shock is not None and shock.date is not None and shock.date <= entry.date


def _targets(scenario: Scenario, entry: RecordRow) -> Iterator[str]:
    """Yield whom an act hits in the scenario: the target, its bloc, or everybody where it names none."""
    if not entry.target:
        yield from (name for name in scenario.actors if name != entry.actor)
    elif entry.target in scenario.actors:
        yield entry.target
    elif entry.target in EU_MEMBERS and "eu" in scenario.actors and entry.actor != "eu":
        yield "eu"


def _why_not(scenario: Scenario, entry: RecordRow, targets: tuple[str, ...]) -> str:
    if entry.actor not in scenario.actors:
        return "an actor that the scenario does not have"
    if not targets or entry.actor in targets:
        return "a target that the scenario does not have"
    if entry.instrument not in scenario.instruments:
        return "an instrument that the scenario does not have"
    return ""


def _size(scenario: Scenario, entry: RecordRow) -> float | None:
    return entry.size if scenario.instruments[entry.instrument].size is not None else None


def _unused(name: str, acts: Mapping[str, HistoryAct]) -> str:
    number, found = 1, name
    while found in acts:
        number += 1
        found = f"{name}_{number}"
    return found


def _answering(act: HistoryAct, known: Collection[str]) -> HistoryAct:
    """Return an act that answers only what the scenario knows."""
    return act.model_copy(update={"answers": tuple(name for name in act.answers if name in known)})
