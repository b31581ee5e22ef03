from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import api
from escalation.present.charts import (
    dated,
    forest_pictures,
    inline,
    pictures_of_run,
    pictures_of_runs,
    png,
    svg,
)
from escalation.present.charts.graph import APART, kind
from escalation.present.charts.intervals import LARGEST
from escalation.present.charts.render import specification
from escalation.present.charts.theme import DARK, LETTER, NAMES, apart, fitting, short, time_axis
from escalation.present.charts.time import acts_picture, tension_picture
from escalation.present.flywheel import sentence as verdict
from escalation.present.outcomes import rung_name, rungs
from escalation.present.output import PictureName
from escalation.present.page import NARROW, WIDE, Picture
from escalation.study.paths import bands_of
from escalation.study.story.causes import attributed_acts
from escalation.study.story.model import SHOCK
from escalation.study.view import RunView, compared

SVG = "{http://www.w3.org/2000/svg}"
ONE = [what for what in PictureName if what not in (PictureName.FOREST, PictureName.WHEN)]


def played(*sets: str, replications: int = 30) -> RunView:
    return api.view("minimal", replications, sets=sets)


@pytest.fixture(scope="module")
def minimal() -> RunView:
    return played()


@pytest.fixture(scope="module")
def forest(minimal) -> Picture:
    comparison = compared([minimal, played("actors.belarus.policy=hardline")])
    assert comparison
    return forest_pictures(comparison)[0]


def texts(drawn: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def data(figure: Picture) -> list[dict[str, object]]:
    """Return the rows that a drawing is made of, of all its layers."""
    return [row for rows in specification(figure, WIDE, False)["datasets"].values() for row in rows]


@pytest.mark.parametrize("what", ONE)
def test_every_picture_is_drawn_alone_with_its_finding_and_how_to_read_it(minimal, what):
    found = pictures_of_run(minimal, what)
    said = " ".join(texts(svg(found)))
    for one in found:
        assert " ".join(one.title.split()[:4]) in said
        assert " ".join(one.caption.split()[:4]) in said
    assert png(found[:1], scale=1).startswith(b"\x89PNG")


@pytest.mark.parametrize("what", ONE)
def test_a_picture_on_a_page_has_no_colours_but_those_that_the_page_names(minimal, what):
    for one in pictures_of_run(minimal, what):
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
        ends, outcome = bands_of(acts), figures_by_name[f"acts.{actor}"]
        assert ends["middle"][-1] == outcome.median.value
        assert (ends["low_50"][-1], ends["high_50"][-1]) == (outcome.band_50.low, outcome.band_50.high)
        assert (ends["low_95"][-1], ends["high_95"][-1]) == (outcome.band_95.low, outcome.band_95.high)
    tension = bands_of(minimal.paths.tension)
    assert np.isclose(tension["middle"][-1], figures_by_name["tension.end"].median.value)


def test_a_fan_has_every_date_of_the_grid_and_its_bands_in_order(minimal):
    figure = tension_picture(minimal.paths)
    rows = [row for row in data(figure) if "low_95" in row]
    assert len(rows) == len(minimal.paths.days)
    for row in rows:
        assert row["low_95"] <= row["low_50"] <= row["middle"] <= row["high_50"] <= row["high_95"]
    assert rows[0]["date"] == "2020-10-03T00:00:00"
    assert rows[-1]["date"] == "2021-10-03T00:00:00"


def test_tension_is_named_by_its_course_and_a_runaway_is_drawn_where_it_is_in_sight(minimal):
    ends = bands_of(minimal.paths.tension)["middle"]
    falls = "falls" if ends[-1] < ends[0] else "rises"
    assert f"Tension {falls}: from " in tension_picture(minimal.paths).title
    assert "runaway" not in texts(svg([tension_picture(minimal.paths, 1e6)]))
    assert "runaway" in texts(svg([tension_picture(minimal.paths, 1.0)]))


def test_dated_shocks_are_lines_with_their_names_in_the_fan_and_the_others_are_not():
    later = ("shocks.secret_inauguration.date=2021-08-09", "history.eu_list.answers=[]")
    shown = played(*later, replications=5)
    assert [one.date for one in dated(shown.scenario)] == [date(2021, 8, 9)]
    tension, acts = pictures_of_run(shown, PictureName.FAN)
    label = shown.scenario.shocks["secret_inauguration"].label
    assert label in texts(svg([tension]))
    for figure in (tension, acts):
        assert f"{label} (9 Aug 2021)" in figure.caption
        assert {"date": "2021-08-09T00:00:00"} in data(figure)


def test_a_shock_before_the_takeover_is_no_line_in_a_fan(minimal):
    assert minimal.scenario.shocks["secret_inauguration"].date < minimal.scenario.takeover
    assert dated(minimal.scenario) == []
    assert "Thin lines" not in pictures_of_run(minimal, PictureName.FAN)[0].caption


def ticks(figure: Picture) -> set[float]:
    return {float(text) for text in texts(inline(figure, WIDE, "a")) if re.fullmatch(r"\d+", text)}


@pytest.fixture(scope="module")
def two(minimal) -> dict[str, RunView]:
    sets = ("actors.belarus.policy=hardline", "outcomes.first_use={eu: [trade_ban], us: [trade_ban]}")
    return {"soft": minimal, "hard": played(*sets)}


def test_what_lies_along_time_is_laid_over_one_another_with_a_line_for_each_run(two):
    tension, acts = pictures_of_runs(two, PictureName.FAN)
    for figure in (tension, acts, *pictures_of_runs(two, PictureName.WHEN)):
        assert {row["run"] for row in data(figure)} == set(two)
        assert set(two) <= set(texts(inline(figure, WIDE, "a")))
    last = {row["run"]: row["value"] for row in data(tension)}
    for name, run in two.items():
        assert last[name] == pytest.approx(bands_of(run.paths.tension)["middle"][-1], abs=1e-3)
        assert name in tension.title


def test_the_acts_by_month_of_a_run_add_up_to_its_acts(two):
    for run in two.values():
        for actor, acts in run.paths.acts.items():
            assert run.paths.by_stretch[actor].sum() == pytest.approx(acts[:, -1].mean())


def test_of_pictures_that_cannot_be_laid_over_one_another_each_run_has_its_own_named_after_it(two):
    for what in (PictureName.LADDER, PictureName.TREE):
        found = pictures_of_runs(two, what)
        assert [one.title.split(": ")[0] for one in found] == list(two)
    wheels = pictures_of_runs(two, PictureName.FLYWHEEL)
    assert [one.name for one in wheels] == ["flywheel-time", "flywheel-1", "flywheel-2"]


def test_a_picture_alone_does_not_speak_of_tables_that_are_not_there(minimal, forest):
    found = [one for what in ONE for one in pictures_of_run(minimal, what)] + [forest]
    for one in found:
        assert "table" not in one.caption_where(alone=True)
        assert "page" not in one.caption_where(alone=True)


def test_the_rungs_that_an_actor_uses_are_named_by_what_it_does_on_them(minimal):
    figure = pictures_of_run(minimal, PictureName.LADDER)[0]
    assert "trade ban 3" in [" ".join(text.split()) for text in texts(inline(figure, WIDE, "a"))]
    summary = minimal.summary
    own = {
        f"{rung_name(summary, name, rung)} {rung}" for name, has in summary.ladders.items() for rung in has
    }
    for frame in (WIDE, NARROW):
        drawn = specification(figure, frame, False)["datasets"].values()
        assert {" ".join(row["rung"].split()) for rows in drawn for row in rows} <= own


def test_the_columns_of_the_matrix_have_the_names_of_its_rows(minimal):
    said = texts(inline(pictures_of_run(minimal, PictureName.FLYWHEEL)[0], WIDE, "a"))
    for dyad in minimal.summary.flywheel.dyads:
        assert said.count(dyad.label) == 2


def test_no_label_of_a_run_is_cut(minimal, two):
    for what in PictureName:
        for figure in pictures_of_runs(two, what):
            assert not any("…" in text for text in texts(inline(figure, WIDE, "a"))), figure.name


def test_marks_near_one_another_are_on_different_lines_as_long_as_there_are_lines(minimal):
    drawn = specification(pictures_of_run(minimal, PictureName.TIMELINE)[0], WIDE, False)
    rows = [row for rows in drawn["datasets"].values() for row in rows if "kind" in row]
    per_day = drawn["width"] / (minimal.story.scenario.end - minimal.story.scenario.start).days
    for lane in {row["lane"] for row in rows}:
        mine = [(date.fromisoformat(row["date"][:10]), row["slot"]) for row in rows if row["lane"] == lane]
        for when, slot in mine:
            near = [other for at, other in mine if abs((at - when).days) * per_day < APART / 2]
            if len(near) <= 3:
                assert near.count(slot) == 1


def test_the_timeline_has_a_mark_for_every_act_and_shock_in_the_lane_of_who_did_it(minimal):
    rows = [row for row in data(pictures_of_run(minimal, PictureName.TIMELINE)[0]) if "kind" in row]
    acts = minimal.story.acts
    assert sorted((row["date"][:10], row["kind"]) for row in rows) == sorted(
        (act.day.isoformat(), kind(act)) for act in acts
    )
    lanes = {act.actor: minimal.story.actors[act.actor] for act in acts if act.origin != SHOCK}
    assert {row["lane"] for row in rows} == {"Shocks", *lanes.values()}


def test_the_tree_has_a_mark_for_every_branch_and_a_line_to_what_it_hangs_on(minimal):
    rows = data(pictures_of_run(minimal, PictureName.TREE)[0])
    tree = minimal.story.tree
    alone = sum(
        branch.parent is None and not branch.below and minimal.story.acts[branch.acts[0]].origin == SHOCK
        for branch in tree
    )
    assert sum("acts" in row for row in rows) == len(tree) - alone
    assert sum("above" in row for row in rows) == sum(branch.parent is not None for branch in tree)


def test_the_tree_counts_what_goes_back_to_a_shock_by_largest_causes_and_by_shares(minimal):
    story = minimal.story
    own = {act.row for act in story.simulated if act.counted}
    shocks = [act.row for act in story.acts if act.origin == SHOCK]
    each = [attributed_acts(story, [row]) for row in shocks]
    assert 0 < sum(each) <= len(own) + 1e-6
    assert attributed_acts(story, shocks) == pytest.approx(sum(each))
    known = [act.row for act in story.acts if act.origin == "history"]
    assert attributed_acts(story, [*shocks, *known]) <= len(own) + 1e-6
    title = pictures_of_run(minimal, PictureName.TREE)[0].title
    count, of = map(int, re.findall(r"(\d+) of the (\d+) hostile acts? from 3 Oct 2020", title)[0])
    assert 0 < count <= of == len(own)


def test_on_a_phone_a_branch_says_first_what_is_done_and_below_it_who_to_whom(minimal):
    figure = pictures_of_run(minimal, PictureName.TREE)[0]
    act = next(act for act in minimal.story.simulated if act.counted)
    what = act.label[:1].upper() + act.label[1:]
    narrow = texts(inline(figure, NARROW, "a"))
    assert any(text.startswith(what) for text in narrow)
    assert any(f"{minimal.story.actors[act.actor]} → " in text for text in narrow)


def test_the_ladder_shows_the_shares_and_says_what_stands_on_each_rung(minimal):
    figure = pictures_of_run(minimal, PictureName.LADDER)[0]
    assert sum(row["share"] for row in data(figure)) == pytest.approx(minimal.paths.ladder.sum(), abs=0.1)
    assert dict(figure.tables[0].rows)["3"] == "trade ban"
    assert rungs(minimal.scenario)[1] == ["people listed"]
    assert "talks held" not in str(figure.tables[0].rows)


def test_the_matrix_shows_the_answers_by_who_acts_on_whom(minimal):
    wheel = minimal.summary.flywheel
    rows = data(pictures_of_run(minimal, PictureName.FLYWHEEL)[0])
    assert len(rows) == len(wheel.dyads) ** 2
    assert sum(row["answers"] for row in rows) == pytest.approx(wheel.K.sum(), abs=1e-3)
    assert pictures_of_run(minimal, PictureName.FLYWHEEL)[0].title == verdict(wheel)


def test_the_flywheel_through_time_is_drawn_by_month_as_it_was_estimated(minimal):
    known = [
        (one.span, one.counted)
        for one in minimal.summary.flywheel.through_time
        if one.counted.R.value is not None
    ]
    rows = [row for row in data(pictures_of_run(minimal, PictureName.FLYWHEEL)[1]) if "low" in row]
    assert [row["R"] for row in rows] == [pytest.approx(counted.R.value, abs=1e-4) for _, counted in known]
    assert all(row["low"] <= row["R"] <= row["high"] for row in rows)


def test_the_forest_draws_each_difference_with_its_interval_on_one_scale(forest, minimal):
    rows = [row for row in data(forest) if "middle" in row]
    assert len(rows) > 5
    assert all(row["low"] <= row["middle"] <= row["high"] for row in rows)
    assert rows[0]["name"].startswith("Days with a hostile package by")
    named = {cells[0] for cells in forest.tables[0].rows}
    assert {" ".join(row["name"].split()) for row in rows} <= named
    assert any(row["sure"] for row in rows)


def test_what_lies_beyond_the_scale_is_an_arrow_and_named_in_the_caption(minimal):
    fierce = played("actors.belarus.policy=hardline")
    comparison = compared([minimal, fierce])
    assert comparison
    contrast = comparison.contrasts[0]
    strong = max(
        (one for one in contrast.differences if one.standardised), key=lambda one: abs(one.standardised)
    )
    value = 7 * strong.difference.value / strong.standardised
    difference = strong.difference.model_copy(update={"value": value})
    far = strong.model_copy(update={"headline": True, "difference": difference, "standardised": 7.0})
    contrast = contrast.model_copy(update={"differences": (far,)})
    changed = comparison.model_copy(update={"contrasts": (contrast,)})
    figure = forest_pictures(changed)[0]
    assert "Arrows: beyond the scale" in figure.caption
    assert "(+7.0)" in figure.caption
    (row,) = [row for row in data(figure) if "middle" in row]
    assert row["shape"] == "triangle-right"
    assert row["middle"] == LARGEST


def test_a_difference_within_the_scale_is_no_arrow(forest):
    rows = [row for row in data(forest) if "middle" in row]
    assert {row["shape"] for row in rows if abs(row["middle"]) < LARGEST} == {"circle"}
    assert ("Arrows" in forest.caption) == any(row["shape"] != "circle" for row in rows)


def test_identical_runs_are_called_so(minimal):
    comparison = compared([minimal, played()])
    assert comparison
    figure = forest_pictures(comparison)[0]
    first, second = (side.name for side in comparison.sides)
    assert figure.title == f"{second} and {first} are the same in every replication."
    assert svg([figure])


def test_nothing_is_drawn_where_nothing_is_done():
    quiet = played(*(f"actors.{name}.policy=passive" for name in ("eu", "us", "belarus")), replications=3)
    assert acts_picture(quiet.paths) is None
    assert pictures_of_run(quiet, PictureName.LADDER) == []
    assert pictures_of_run(quiet, PictureName.FLYWHEEL) == []
    assert [one.name for one in pictures_of_run(quiet, PictureName.FAN)] == ["tension"]


def test_text_of_a_scenario_cannot_become_markup_in_a_picture():
    name = '</text><script>alert("x")</script> & <b>'
    evil = played(f"actors.eu.name={name}", replications=3)
    for what in ONE:
        for drawn in (
            svg(pictures_of_run(evil, what)),
            *(inline(one, WIDE, "a") for one in pictures_of_run(evil, what)),
        ):
            tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(drawn).iter()}
            assert not tags & {"script", "b", "image", "foreignObject"}
    assert any("</text><script>" in text for text in texts(svg(pictures_of_run(evil, PictureName.TIMELINE))))


def test_ids_of_two_pictures_on_one_page_do_not_meet(minimal):
    figure = pictures_of_run(minimal, PictureName.FAN)[0]
    first, second = (set(re.findall(r' id="([^"]+)"', inline(figure, WIDE, one))) for one in ("a", "b"))
    assert not first & second


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
        at, letters = labels[spot.position]
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
