"""The short forms of a story: its turning points, and why something never came about."""

from __future__ import annotations

import json

import pytest

from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.study.story.causes import attributed_acts, brief
from escalation.study.story.replay import explain
from escalation.study.story.why_not import why_not
from tests.cli.conftest import Escalation
from tests.model.worlds import duel


def test_the_turning_points_fit_a_page_and_name_what_followed(escalation: Escalation) -> None:
    whole = escalation("explain belarus_2020 --replication 3").stdout
    done = escalation("explain belarus_2020 --replication 3 --brief")
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) < 50 < len(whole.splitlines())
    assert done.stdout.count("later hostile acts go back to it") >= 3
    assert "goes further than anything" in done.stdout
    again = done.stdout.splitlines()[-1].removeprefix("The whole story: escalation ")
    assert escalation(again).stdout == whole


def test_turning_points_are_those_with_the_most_consequences_and_the_furthest() -> None:
    story = explain("belarus_2020", 3)
    points = brief(story).points
    assert points is not None
    assert 1 < len(points) <= 10
    following = [attributed_acts(story, one.acts) for one in story.decisions if one.acts]
    assert max(point.following for point in points) >= max(following)
    days = [story.acts[point.rows[0]].time for point in points]
    assert days == sorted(days)


def test_why_not_names_what_outweighed_it_and_how_near_it_came(escalation: Escalation) -> None:
    done = escalation("explain belarus_2020 --replication 3 --why-not eu swift_cut")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Why the European Union did not: banks cut off from SWIFT\n")
    assert "Nearest to it: " in done.stdout
    assert "What outweighed it" in done.stdout
    document = json.loads(
        escalation("explain belarus_2020 --replication 3 --why-not eu swift_cut --format json").stdout
    )
    assert document["kind"] == "why_not"
    assert document["weighings"] == sum(document["bars"].values()) + len(document["draws"])


def test_the_terms_of_what_is_asked_about_add_up_to_its_utility() -> None:
    for draw in why_not("belarus_2020", "eu", "swift_cut", 3).draws:
        assert sum(draw.option.terms.values()) == pytest.approx(draw.option.utility, abs=1e-9)


def test_who_has_no_grievance_weighs_nothing_and_that_is_said() -> None:
    result = why_not(Scenario.model_validate(duel()), "target", "embargo", 0)
    assert not result.draws
    assert result.lulls
    assert result.closest is not None
    assert result.closest < result.least
    assert set(result.bars) == {"sign"}


def test_what_is_in_force_once_and_for_all_is_no_option() -> None:
    data = duel()
    data["instruments"]["embargo"]["once"] = True
    data["actors"]["sender"]["policy"]["package_limit"] = 3
    data["actors"]["sender"]["policy"]["more"] = 1
    result = why_not(Scenario.model_validate(data), "sender", "embargo", 0)
    assert set(result.bars) <= {"in_force", "packed", "sign"}
    assert result.weighings == sum(result.bars.values()) + len(result.draws)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("--why-not eu swift_cutt", "did you mean swift_cut?"),
        ("--why-not europe swift_cut", "actor: found 'europe'"),
        ("--why-not eu swift_cut --brief", "--why-not: answers a question of its own; leave out --brief"),
    ],
)
def test_what_is_asked_wrongly_is_said(escalation: Escalation, words: str, error: str) -> None:
    done = escalation(f"explain belarus_2020 {words}")
    assert done.exit_code == 2
    assert error in done.stderr


def test_two_stories_are_not_brief(escalation: Escalation) -> None:
    done = escalation("explain minimal minimal --brief")
    assert done.exit_code == 2
    with pytest.raises(InputError):
        why_not("minimal", "nobody", "swift_cut")


def test_why_not_of_a_run_that_failed_throughout_says_so(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("by a test")

    monkeypatch.setattr("escalation.clocks.simpy_clock.simulate", fails)
    assert escalation("run belarus_2020 -n 3 --workers 1 --clock simpy -o run").exit_code == 3
    done = escalation("explain run --why-not eu head_of_state_listing")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no replication was finished without failing" in done.stderr
