"""What the actors of the shipped scenarios do and leave undone, whatever the levels: laws, not figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from escalation.clocks.compiled_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SIMULATED, World
from escalation.scenario.base import WORDS
from escalation.scenario.load import load

SENDERS = ("eu", "us", "uk", "canada")
GIVING = [("belarus", name) for name in ("prisoner_release", "camp_clearance")]


def played(name: str, replications: int) -> tuple[World, list[list[tuple[str, str, str]]]]:
    """Return the acts that were decided, by replication, as (actor, instrument, family)."""
    world = compile_scenario(load(f"shipped:{name}"))
    return world, [list(acts(world, number)) for number in range(replications)]


def acts(world: World, number: int) -> Iterator[tuple[str, str, str]]:
    log, names = simulate(world, 0, number).acts, world.names
    for n in np.flatnonzero(log["origin"] == SIMULATED):
        k = log["instrument"][n]
        yield names.actors[log["actor"][n]], names.instruments[k], names.families[k]


def test_an_air_ban_is_the_rule_after_a_forced_landing_and_the_exception_without() -> None:
    def share(name: str) -> float:
        _, stories = played(name, 100)
        used = [(actor, k) for story in stories for actor, k in {(act[0], act[1]) for act in story}]
        return sum(k == "airspace_ban" and actor == "eu" for actor, k in used) / len(stories)

    assert share("belarus_2020") < 0.15
    assert share("belarus_forced_landing") > 0.6


def test_belarus_gives_way_within_a_year_in_at_most_four_futures_of_ten() -> None:
    world = compile_scenario(load("shipped:belarus_2020"))
    place = [outcome.name for outcome in world.outcomes].index("concession.belarus")
    conceded = [simulate(world, 0, number).outcomes[place] for number in range(200)]
    assert 0 < np.mean(conceded) <= 0.4


def test_nobody_answers_a_stolen_election_with_talks_or_lifts_without_a_concession() -> None:
    _, stories = played("belarus_from_election", 60)
    for story in stories:
        for sender in SENDERS:
            families = [act[2] for act in story if act[0] == sender and act[2] not in WORDS]
            assert families[:1] != ["conciliatory"]
        eased = [n for n, act in enumerate(story) if act[0] in SENDERS and act[1] == "easing"]
        gave = [n for n, act in enumerate(story) if act[:2] in GIVING]
        assert not eased or (gave and min(gave) < min(eased))


def test_no_law_is_enacted_again_while_it_is_in_force() -> None:
    _, stories = played("belarus_2020", 60)
    assert all([act[1] for act in story].count("enabling_decree") <= 1 for story in stories)
