"""Dates on the model's clock: days from the scenario's start, as floats."""

from __future__ import annotations

from datetime import date, timedelta

from escalation.scenario.document import WEEKDAYS, Meetings, Scenario

NOON = 0.5
"""A meeting and a scripted act fall at noon, a shock before and what follows from it after."""

DEEPEST = 31
"""Longest chain of answers within one day that is kept in its order."""


def meeting_days(meetings: Meetings | None, start: date, end: date) -> list[float]:
    """Return the times of an institution's meetings in [start, end), in days from the start, ascending."""
    if meetings is None:
        return []
    days = {day for day in meetings.also if start <= day < end}
    day = start
    while day < end:
        nth = (day.day - 1) // 7 + 1
        if (
            WEEKDAYS[day.weekday()] == meetings.weekday
            and nth in meetings.nth
            and day.month not in meetings.skip_months
        ):
            days.add(day)
        day += timedelta(days=1)
    return sorted((day - start).days + NOON for day in days)


def renewal_days(renewals: tuple[str, ...], start: date, end: date) -> list[float]:
    """Return the times of yearly renewals (`MM-DD`) in [start, end), in days from the start, ascending."""
    days = [
        date(year, int(renewal[:2]), int(renewal[3:]))
        for year in range(start.year, end.year + 1)
        for renewal in renewals
    ]
    return sorted((day - start).days + NOON for day in days if start <= day < end)


def script_times(scenario: Scenario) -> dict[str, float]:
    """Return when each scripted act happens: within a day in the order of the file, causes before answers."""
    history = scenario.history
    depth = dict.fromkeys(history, 0)
    for _ in range(DEEPEST):
        for name, act in history.items():
            same_day = [n for n in act.answers if n in history and history[n].date == act.date]
            depth[name] = max([depth[name], *(1 + depth[answered] for answered in same_day)])
    return {
        name: (act.date - scenario.start).days + NOON + min(depth[name], DEEPEST) / 64 + order / 2**20
        for order, (name, act) in enumerate(history.items())
    }
