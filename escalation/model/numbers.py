"""Every number of the model that can be uncertain, by columns."""

from __future__ import annotations

from typing import NamedTuple

from escalation.model.kernel import Floats


class Numbers(NamedTuple):
    """Every number of the model that can be uncertain, by columns; uncertain cells are drawn in `begin`."""

    # by actor: what it notices and feels
    attention: Floats
    felt: Floats
    half_life: Floats
    threshold: Floats
    emergency: Floats
    habituation: Floats
    memory: Floats
    yield_threshold: Floats
    # by actor: its institution
    review: Floats
    emergency_lag: Floats
    linkage: Floats
    # by actor: its policy
    reciprocity: Floats
    d_min: Floats
    inertia: Floats
    alpha: Floats
    bite: Floats
    alignment: Floats
    own_cost: Floats
    fear: Floats
    expected: Floats
    learning: Floats
    gradualism: Floats
    saturation: Floats
    audience: Floats
    credibility: Floats
    yielding: Floats
    temperature: Floats
    more: Floats
    package_limit: Floats
    discharge: Floats
    resolve: Floats
    join: Floats
    # by actor: the ladder's threshold; by observer and victim: the hazard's probabilities
    provocation: Floats
    answers: Floats
    # by actor: its patron
    absorbs: Floats
    over: Floats
    # by dyad; solidarity is 1 on the diagonal and the member's weight from a bloc to its member
    exposure: Floats
    dependence: Floats
    solidarity: Floats
    # by actor and instrument
    last_resort: Floats
    # by instrument
    rung: Floats
    severity: Floats
    harm: Floats
    cost: Floats
    relief: Floats
    delay: Floats
    term: Floats
    median: Floats
    spread: Floats
    promise: Floats
    condition: Floats
    within: Floats
    # by stage, by veto
    stage_median: Floats
    stage_spread: Floats
    veto_base: Floats
    veto_per_rung: Floats
    # by shock; by shock and actor; by scripted act
    magnitude: Floats
    rate: Floats
    salience: Floats
    scripted_size: Floats
    # of the whole model: one cell each
    size_exponent: Floats
    habituation_floor: Floats
    recent: Floats
    reputation: Floats
    runaway: Floats
    concession: Floats

    @property
    def columns(self) -> tuple[Floats, ...]:
        """All columns in their order, so that a cell can be found by the number of its column."""
        return self
