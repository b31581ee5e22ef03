"""Consent: whether all members of an institution agree."""

from __future__ import annotations

import math

from escalation.model.draws import VETO, mix, uniform
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.state import State
from escalation.model.tables import Tables
from escalation.model.trace import note_vote


@kernel
def consent(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, rung: float, blocks: int, now: float
) -> bool:
    """Return whether all members agree: probability prod_m (1 - veto_m(rung)), weakened by linkage.

    A hold blocks for certain until its date. The draw of a member belongs to the day of the meeting.
    """
    for hold in range(len(tables.hold_actor)):
        if (
            tables.hold_actor[hold] == i
            and tables.hold_target[hold] == j
            and tables.hold_since[hold] <= now < tables.hold_until[hold]
        ):
            note_vote(tables, state, i, j, -1, hold, False, now)
            return False
    for m in range(tables.veto_start[i], tables.veto_start[i + 1]):
        veto = min(1.0, max(0.0, numbers.veto_base[m] + numbers.veto_per_rung[m] * rung))
        for _ in range(blocks):
            veto *= 1.0 - numbers.linkage[i]
        if (
            veto > 0.0
            and uniform(state.stream, VETO, 0, mix(tables.veto_key[m], int(math.floor(now)))) < veto
        ):
            note_vote(tables, state, i, j, m, -1, False, now)
            return False
    if tables.veto_start[i] < tables.veto_start[i + 1]:
        note_vote(tables, state, i, j, -1, -1, True, now)
    return True
