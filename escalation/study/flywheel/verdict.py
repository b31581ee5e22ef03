"""The verdict on a flywheel in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from escalation.study.flywheel.plan import Span
from escalation.study.flywheel.reading import DOES_NOT, FEEDS, MOST_LATE, UNKNOWN, Reading

if TYPE_CHECKING:
    from escalation.study.flywheel.wheel import Flywheel

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENDINGS = {
    FEEDS: f"the flywheel {FEEDS}",
    DOES_NOT: f"the flywheel turns, but {DOES_NOT}",
    UNKNOWN: f"whether the flywheel {FEEDS} {UNKNOWN}",
}
PARTLY = {
    DOES_NOT: f"{ENDINGS[DOES_NOT]} on the whole",
    UNKNOWN: f"whether the flywheel {FEEDS} on the whole {UNKNOWN}",
}
"""The same where it did feed itself in a part of the time."""


def sentence(wheel: Flywheel) -> str:
    """Return the verdict in one sentence, with the parts of the time in which R was above 1."""
    whole = wheel.counted
    if wheel.replications == 0:
        return "There is no replication to tell from whether the flywheel turns."
    if whole.R is None:
        return "No hostile act was followed long enough to tell whether the flywheel turns."
    days = f"within {wheel.window}"
    if whole.R == 0.0 and not (whole.cut or whole.late):
        far = "" if whole.low is not None else f", as far as {whole.acts} acts can tell"
        return f"No hostile acts answered one another in a circle {days}: the flywheel stands still{far}."
    reasons = list(_reasons(wheel)) if whole.verdict != DOES_NOT else []
    least, why = ("at least ", f"{', and '.join(reasons)}, so ") if reasons else ("", "")
    if whole.verdict != UNKNOWN:
        why = ""
    parts = "" if why else _at_times(wheel)  # what is withheld of the whole is not claimed of a part
    ending = f"{PARTLY[whole.verdict]}; {parts}" if parts else ENDINGS[whole.verdict]
    return f"Each hostile act calls forth {least}{_reading(whole)} further ones {days}: {why}{ending}."


def rival_sentence(wheel: Flywheel) -> str:
    """Return how much of the clustering of acts is not answers, in one sentence; empty where not known."""
    against = wheel.rival
    if against is None:
        return ""
    near = f"within {against.days:g} days"
    if against.shocks is None:
        return (
            f"It cannot be told that acts cluster: they come {near} of one another"
            f" {hundredths(against.clustering)} times as often as at an even rate."
        )
    share, low, high = (100 * min(max(value, 0.0), 1.0) for value in against.shocks)
    most = 100 * min(against.baseline.share, 1.0) if against.baseline else share
    least, at_most = ("at least ", f", and at most {most:.0f}%") if most > high else ("", "")
    rest = "; the rest is answers to acts" if high < 100.0 else ""
    return (
        f"A moving baseline alone (shocks, history, words) explains {least}{share:.0f}%"
        f" [{low:.0f}, {high:.0f}] of how acts cluster {near}{at_most}{rest}."
    )


def _reading(reading: Reading) -> str:
    assert reading.R is not None
    return f"{hundredths(reading.R)}{ends(reading, ' ')}"


def ends(reading: Reading, before: str = "") -> str:
    """Return a reading's interval, `[0.51, 0.55]`, after `before`; empty without one."""
    if reading.low is None or reading.high is None:
        return ""
    return f"{before}[{hundredths(reading.low)}, {hundredths(reading.high)}]"


def hundredths(value: float) -> str:
    """Return `0.53` or `−0.02`; what rounds to nought has no sign."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _reasons(wheel: Flywheel) -> Iterator[str]:
    """Yield why R may be higher than it reads."""
    if wheel.late is not None and wheel.late > MOST_LATE:
        yield f"{wheel.late:.0%} of the answers seen come later than that"
    elif wheel.plan.cut:
        yield "answers may come later than that, which the run is too short to follow"
    if wheel.counted.cut:
        yield f"{wheel.truncated:,} of {wheel.replications:,} replications were cut off"


def _at_times(wheel: Flywheel) -> str:
    """Return the spans in which it fed itself, where it did not do so on the whole; else nothing."""
    if wheel.counted.verdict == FEEDS:
        return ""
    fed = [(months(span), _reading(reading)) for span, reading, _ in wheel.spans if reading.verdict == FEEDS]
    said = [f"in {when}{' it did' if n == 0 else ''}: {value}" for n, (when, value) in enumerate(fed)]
    return ", ".join(said)


def months(span: Span) -> str:
    """Return the months of a span, `Jan–Mar 2021`; its label where that does not hold two dates."""
    first, _, last = span.label.partition(" to ")
    try:
        ends = [date.fromisoformat(first), date.fromisoformat(last)]
    except ValueError:
        return span.label
    names = [MONTHS[day.month - 1] for day in ends]
    start, end = (f"{name} {day.year}" for name, day in zip(names, ends, strict=True))
    if start == end:
        return end
    return f"{names[0]}–{end}" if ends[0].year == ends[1].year else f"{start} – {end}"
