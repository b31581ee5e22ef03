"""Pressure on a target and cost to a sender: what the measures in force weigh, and for how long."""

from __future__ import annotations

from escalation.model.feel import LN2, halved
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.state import State
from escalation.model.tables import Tables


@kernel
def pressure(numbers: Numbers, state: State, j: int, now: float) -> float:
    """Return the pressure on actor `j`.

    P_j = sum of harm_k exposure_ij (1 - phi_j (1 - 2^(-age / kappa_j))) over the acts in force, kept as a
    lasting part (1 - phi_j) and a part phi_j that fades as the patron steps in.
    """
    return state.lasting[j] + state.fading[j] * halved(now - state.fading_at[j], numbers.over[j])


@kernel
def settle_pressure(numbers: Numbers, state: State, j: int, now: float) -> None:
    """Bring the pressure on `j` and its sum over time up to date."""
    elapsed = now - state.fading_at[j]
    left = halved(elapsed, numbers.over[j])
    state.pressure_sum[j] += (
        state.lasting[j] * elapsed + state.fading[j] * (1.0 - left) * numbers.over[j] / LN2
    )
    state.fading[j] *= left
    state.fading_at[j] = now


@kernel
def settle_cost(state: State, i: int, now: float) -> None:
    """Bring the cost that actor `i` has borne up to date."""
    state.cost[i] += state.cost_rate[i] * (now - state.cost_at[i])
    state.cost_at[i] = now


@kernel
def bite(
    tables: Tables, numbers: Numbers, state: State, act: int, sign: float, age: float, now: float
) -> None:
    """Add (`sign` 1) or take away (-1) what an act in force for `age` days does to target and sender."""
    i, j, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    ij = i * tables.actors + j
    harm = sign * numbers.harm[k] * numbers.exposure[ij]
    settle_pressure(numbers, state, j, now)
    state.lasting[j] += harm * (1.0 - numbers.absorbs[j])
    state.fading[j] += harm * numbers.absorbs[j] * halved(age, numbers.over[j])
    settle_cost(state, i, now)
    state.cost_rate[i] += sign * numbers.cost[k] * numbers.dependence[ij]
