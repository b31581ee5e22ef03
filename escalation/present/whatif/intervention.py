"""An intervention in words: `without the first head_of_state_listing by eu against belarus`."""

from __future__ import annotations

from collections.abc import Iterator

from escalation.study.whatif.intervention import ORDINALS, ForcedAct, Intervention, RemovedActs


def described(intervention: Intervention) -> list[str]:
    """Return what is taken out and put in, one text for each."""
    return [*map(_removed, intervention.without), *map(_forced, intervention.force)]


def remarks(intervention: Intervention) -> Iterator[str]:
    """Yield what is put in though its actor never has this instrument against this target."""
    for act in dict.fromkeys(intervention.force):
        if not act.usual:
            yield (
                f"in this scenario {act.actor} has no {act.instrument} against {act.target}; it is put in all"
                " the same"
            )


def _removed(acts: RemovedActs) -> str:
    what = acts.instrument or (f"{acts.family} act" if acts.family else "act")
    who = f" by {acts.actor}" if acts.actor else ""
    whom = f" against {acts.target}" if acts.target else ""
    which = "any" if acts.ordinal is None else f"the {_nth(acts.ordinal)}"
    return f"without {which} {what}{who}{whom}"


def _nth(ordinal: int) -> str:
    if ordinal <= len(ORDINALS):
        return ORDINALS[ordinal - 1]
    ending = "th" if ordinal % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(ordinal % 10, "th")
    return f"{ordinal}{ending}"


def _forced(act: ForcedAct) -> str:
    return f"with {act.instrument} by {act.actor} against {act.target} on {act.day}"
