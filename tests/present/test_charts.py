from __future__ import annotations

import re
import sys
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import api
from escalation.errors import EnvironmentFault
from escalation.present.charts.fan import acts_figure, quantiles, tension_figure
from escalation.present.charts.figure import NARROW, WIDE, Figure
from escalation.present.charts.forest import forest_figures
from escalation.present.charts.gallery import figures, rungs
from escalation.present.charts.parts import LETTER, apart, fitting, short, time_axis
from escalation.present.charts.render import inline, need_pictures, png, specification, svg
from escalation.present.charts.theme import DARK, NAMES
from escalation.present.charts.timeline import kind
from escalation.present.charts.what import What
from escalation.study.exhibit import Exhibit, compared, exhibit_scenario
from escalation.study.perform import Means
from escalation.study.story.story import SHOCK

SVG = "{http://www.w3.org/2000/svg}"
ONE = [what for what in What if what is not What.FOREST]


def exhibit(*sets: str, replications: int = 30) -> Exhibit:
    return exhibit_scenario(api.load("minimal", sets), "minimal", 1, replications, sets, Means())


@pytest.fixture(scope="module")
def minimal() -> Exhibit:
    return exhibit()


@pytest.fixture(scope="module")
def forest(minimal) -> Figure:
    comparison = compared([minimal, exhibit("actors.belarus.policy=hardline")])
    assert comparison
    return forest_figures(comparison)[0]


def texts(drawn: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def data(figure: Figure) -> list[dict[str, object]]:
    """Return the rows that a drawing is made of, of all its layers."""
    return [row for rows in specification(figure, WIDE, False)["datasets"].values() for row in rows]


@pytest.mark.parametrize("what", ONE)
def test_every_picture_is_drawn_alone_with_its_finding_and_how_to_read_it(minimal, what):
    found = figures(minimal, what)
    said = " ".join(texts(svg(found)))
    for one in found:
        assert " ".join(one.title.split()[:4]) in said
        assert " ".join(one.caption.split()[:4]) in said
    assert png(found[:1], scale=1).startswith(b"\x89PNG")


@pytest.mark.parametrize("what", ONE)
def test_a_picture_on_a_page_has_no_colours_but_those_that_the_page_names(minimal, what):
    for one in figures(minimal, what):
        for frame in (WIDE, NARROW):
            drawn = inline(one, frame, "a")
            used = set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawn))
            assert used <= {"none", *(f"var(--{name})" for name in NAMES.values())}
            assert len(used) > 3


def test_every_colour_has_its_counterpart_in_the_dark():
    assert set(DARK) == set(NAMES.values())


def test_the_fan_ends_where_the_summary_says(minimal):
    figures_by_name = minimal.summary.figures
    for actor, acts in minimal.paths.acts.items():
        ends, outcome = quantiles(acts), figures_by_name[f"acts.{actor}"]
        assert ends["middle"][-1] == outcome.median
        assert (ends["low_50"][-1], ends["high_50"][-1]) == outcome.band_50
        assert (ends["low_95"][-1], ends["high_95"][-1]) == outcome.band_95
    tension = quantiles(minimal.paths.tension)
    assert np.isclose(tension["middle"][-1], figures_by_name["tension.end"].median)


def test_a_fan_has_every_date_of_the_grid_and_its_bands_in_order(minimal):
    figure = tension_figure(minimal.paths)
    rows = [row for row in data(figure) if "low_95" in row]
    assert len(rows) == len(minimal.paths.days)
    for row in rows:
        assert row["low_95"] <= row["low_50"] <= row["middle"] <= row["high_50"] <= row["high_95"]
    assert rows[0]["date"] == "2020-10-03T00:00:00"
    assert rows[-1]["date"] == "2021-10-03T00:00:00"


def test_tension_is_named_by_its_course_and_a_runaway_is_drawn_where_it_is_in_sight(minimal):
    ends = quantiles(minimal.paths.tension)["middle"]
    falls = "falls" if ends[-1] < ends[0] else "rises"
    assert f"Tension {falls}: from " in tension_figure(minimal.paths).title
    assert "runaway" not in texts(svg([tension_figure(minimal.paths, 1e6)]))
    assert "runaway" in texts(svg([tension_figure(minimal.paths, 1.0)]))


def test_the_timeline_has_a_mark_for_every_act_and_shock_in_the_lane_of_who_did_it(minimal):
    rows = [row for row in data(figures(minimal, What.TIMELINE)[0]) if "kind" in row]
    acts = minimal.story.acts
    assert sorted((row["date"][:10], row["kind"]) for row in rows) == sorted(
        (act.day.isoformat(), kind(act)) for act in acts
    )
    lanes = {act.actor: minimal.story.actors[act.actor] for act in acts if act.origin != SHOCK}
    assert {row["lane"] for row in rows} == {"Shocks", *lanes.values()}


def test_the_tree_has_a_mark_for_every_branch_and_a_line_to_what_it_hangs_on(minimal):
    rows = data(figures(minimal, What.TREE)[0])
    tree = minimal.story.tree
    alone = sum(
        branch.parent is None and not branch.below and minimal.story.acts[branch.acts[0]].origin == SHOCK
        for branch in tree
    )
    assert sum("acts" in row for row in rows) == len(tree) - alone
    assert sum("above" in row for row in rows) == sum(branch.parent is not None for branch in tree)


def test_the_ladder_shows_the_shares_and_says_what_stands_on_each_rung(minimal):
    figure = figures(minimal, What.LADDER)[0]
    assert sum(row["share"] for row in data(figure)) == pytest.approx(minimal.paths.ladder.sum(), abs=0.1)
    assert dict(figure.tables[0].rows)["3"] == "trade ban"
    assert rungs(minimal.scenario)[1] == ["people listed"]
    assert "talks held" not in str(figure.tables[0].rows)


def test_the_matrix_shows_the_answers_by_who_acts_on_whom(minimal):
    wheel = minimal.summary.flywheel
    rows = data(figures(minimal, What.FLYWHEEL)[0])
    assert len(rows) == len(wheel.dyads) ** 2
    assert sum(row["answers"] for row in rows) == pytest.approx(wheel.K.sum(), abs=1e-3)
    assert figures(minimal, What.FLYWHEEL)[0].title == wheel.sentence()


def test_the_flywheel_through_time_is_drawn_by_month_as_it_was_estimated(minimal):
    known = [
        (span, counted) for span, counted, _ in minimal.summary.flywheel.through_time if counted.R is not None
    ]
    rows = [row for row in data(figures(minimal, What.FLYWHEEL)[1]) if "low" in row]
    assert [row["R"] for row in rows] == [pytest.approx(counted.R, abs=1e-4) for _, counted in known]
    assert all(row["low"] <= row["R"] <= row["high"] for row in rows)


def test_the_forest_draws_each_difference_with_its_interval_on_one_scale(forest, minimal):
    rows = [row for row in data(forest) if "middle" in row]
    assert len(rows) > 5
    assert all(row["low"] <= row["middle"] <= row["high"] for row in rows)
    assert rows[0]["name"].startswith("Days with a hostile package by")
    named = {cells[0] for cells in forest.tables[0].rows}
    assert {row["name"] for row in rows} <= {short(name, 56) for name in named}
    assert any(row["sure"] for row in rows)


def test_identical_runs_are_called_so(minimal):
    comparison = compared([minimal, exhibit()])
    assert comparison
    figure = forest_figures(comparison)[0]
    first, second = (side.name for side in comparison.sides)
    assert figure.title == f"{second} and {first} are the same in every replication."
    assert svg([figure])


def test_nothing_is_drawn_where_nothing_is_done():
    quiet = exhibit(*(f"actors.{name}.policy=passive" for name in ("eu", "us", "belarus")), replications=3)
    assert acts_figure(quiet.paths) is None
    assert figures(quiet, What.LADDER) == []
    assert figures(quiet, What.FLYWHEEL) == []
    assert [one.name for one in figures(quiet, What.FAN)] == ["tension"]


def test_text_of_a_scenario_cannot_become_markup_in_a_picture():
    name = '</text><script>alert("x")</script> & <b>'
    evil = exhibit(f"actors.eu.name={name}", replications=3)
    for what in ONE:
        for drawn in (svg(figures(evil, what)), *(inline(one, WIDE, "a") for one in figures(evil, what))):
            tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(drawn).iter()}
            assert not tags & {"script", "b", "image", "foreignObject"}
    assert any("</text><script>" in text for text in texts(svg(figures(evil, What.TIMELINE))))


def test_ids_of_two_pictures_on_one_page_do_not_meet(minimal):
    figure = figures(minimal, What.FAN)[0]
    first, second = (set(re.findall(r' id="([^"]+)"', inline(figure, WIDE, one))) for one in ("a", "b"))
    assert not first & second


def test_without_the_extra_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(EnvironmentFault, match=r"pip install 'escalation\[report\]'"):
        need_pictures()


@given(st.lists(st.floats(0, 1000), max_size=12), st.floats(0.1, 50))
def test_places_moved_apart_keep_their_order_and_their_distance(places, gap):
    moved = apart(places, gap)
    order = sorted(range(len(places)), key=lambda n: places[n])
    assert all(moved[n] >= places[n] for n in order)
    for below, above in pairwise(order):
        assert moved[above] - moved[below] >= gap * (1 - 1e-9)


@given(st.lists(st.tuples(st.floats(0, 600), st.integers(1, 40)), max_size=20), st.floats(50, 600))
def test_labels_that_find_room_do_not_lie_on_one_another_nor_leave_the_line(labels, room):
    spans = []
    for spot in fitting(labels, room):
        at, letters = labels[spot.place]
        start = at - letters * LETTER if spot.to_the_left else at
        spans.append((start, start + letters * LETTER))
    assert all(start >= 0 for start, _ in spans)
    assert all(end <= max(room, *(at for at, _ in labels)) + 1e-6 for _, end in spans)
    spans.sort()
    assert all(after[0] > before[1] for before, after in pairwise(spans))


@given(st.text(max_size=80), st.integers(2, 40))
def test_a_shortened_text_has_at_most_so_many_letters(text, letters):
    assert len(short(text, letters)) <= letters


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(1, 7300))
def test_an_axis_of_time_has_at_most_as_many_labels_as_find_room(first, length):
    last = date.fromordinal(first.toordinal() + length)
    for frame in (WIDE, NARROW):
        tick = time_axis(first, last, frame).to_dict()["tickCount"]
        months = tick["step"] * (12 if tick["interval"] == "year" else 1)
        assert length / 30.4 / months <= frame.width / 38 + 1
