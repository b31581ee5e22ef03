"""Scenario discovery: the boxes are those of a known library, and what is said of them is so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import api
from escalation.clocks import simpy_clock
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.handle import uncertain_value
from escalation.study.discover.prim import Box, best_of, peeled, quasi_p, repeats
from escalation.study.discover.result import Discovery
from escalation.study.finished import Finished
from escalation.study.points.uncertain import drawn_values

THRESHOLD, INERTIA = "outcomes.runaway", "actors.eu.policy.inertia"
SETS = [f"{THRESHOLD}={{uniform: [4, 16]}}", f"{INERTIA}={{uniform: [0, 1]}}"]


# ---- PRIM


def corner() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(1).random((500, 4))
    return x, (x[:, 0] > 0.6) & (x[:, 1] < 0.4)


def noisy() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    x = random.random((800, 6))
    return x, random.random(800) < 1 / (1 + np.exp(-(6 * x[:, 2] - 4 * x[:, 4] - 1.5)))


def stepped() -> tuple[np.ndarray, np.ndarray]:
    """A number of four values, and one that is skewed."""
    random = np.random.default_rng(3)
    x = random.random((600, 3))
    x[:, 1], x[:, 2] = np.floor(4 * x[:, 1]), np.exp(3 * x[:, 2])
    inside = (x[:, 1] >= 2) & (x[:, 2] > 6) & (x[:, 2] < 14)
    return x, random.random(600) < np.where(inside, 0.9, 0.1)


KNOWN: dict[str, Any] = {
    "corner": (
        corner, [(0.9756097561, 1.0, 0.16)], [{0: (0.602341577466, None), 1: (None, 0.3900965098)}],
        (17, (1.0, 0.4019607843, 0.408), {0: (0.578581437013, None)}, {0: 5.293104221689483e-16}),
    ),
    "noisy": (
        noisy, [(0.3264094955, 0.9565217391, 0.14375), (0.4451038576, 0.5952380952, 0.315)],
        [
            {0: (None, 0.973460030103), 2: (0.755857661466, None), 4: (None, 0.664437232351),
             5: (0.033620783644, 0.957676690412)},
            {2: (0.488224899273, None), 3: (0.064380965245, None), 4: (None, 0.928208161697)},
        ],
        (20, (0.6350148368, 0.7642857143, 0.35), {2: (0.623219876006, None), 4: (None, 0.91572597466)},
         {2: 2.8712370531823882e-28, 4: 0.19007125272204591}),
    ),
    "stepped": (
        stepped, [(0.3134328358, 0.976744186, 0.0716666667), (0.2089552239, 0.9032258065, 0.0516666667)],
        [
            {0: (None, 0.969054919696), 1: (1.5, 2.5), 2: (6.094735769743, 14.08223980454)},
            {0: (0.257999507916, None), 1: (2.5, None), 2: (5.821676982162, 14.972061104499)},
        ],
        (15, (0.5970149254, 0.5755395683, 0.2316666667),
         {1: (1.5, None), 2: (2.852504722666, 13.912853656402)}, {1: 1.7745731557337407e-09}),
    ),
}  # fmt: skip


def measured(box: Box, values: np.ndarray, hits: np.ndarray, cases: int, of: int) -> tuple[float, ...]:
    inside = box.contains(values)
    return (hits & inside).sum() / cases, hits[inside].mean(), inside.sum() / of


def bounds(box: Box) -> dict[int, tuple[float | None, float | None]]:
    return {
        n: tuple(None if np.isinf(end) else float(end) for end in (box.low[n], box.high[n]))
        for n in box.restricted
    }  # type: ignore[misc]


@pytest.mark.parametrize("name", KNOWN)
def test_the_boxes_are_those_of_the_ema_workbench(name: str) -> None:
    """Boxes of `ema_workbench.analysis.prim.Prim` 2.5.3 (peel_alpha, paste_alpha, mass_min 0.05, lenient1).

    The last box of each trajectory, the next one outside it, and a box on the way with its quasi-p-values.
    """
    make, figures, ends, (place, on_the_way, limits, p) = KNOWN[name]
    x, y = make()
    rest, least = np.ones(len(y), bool), int(np.ceil(0.05 * len(y)))
    for expected, expected_bounds in zip(figures, ends, strict=True):
        boxes = peeled(x[rest], y[rest], least)
        assert measured(boxes[-1], x[rest], y[rest], y.sum(), len(y)) == pytest.approx(expected)
        found = bounds(boxes[-1])
        assert found.keys() == expected_bounds.keys()
        assert [end for n in found for end in found[n]] == pytest.approx(
            [end for n in found for end in expected_bounds[n]]
        )
        if rest.all():
            assert measured(boxes[place], x, y, y.sum(), len(y)) == pytest.approx(on_the_way)
            assert bounds(boxes[place]).keys() == limits.keys()
            assert {n: quasi_p(x, y, boxes[place], n) for n in p} == pytest.approx(p)
        rest &= ~boxes[-1].contains(x)


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(1, 5), st.booleans())
def test_every_box_is_denser_than_the_one_before_and_a_peel_lies_within_it(seed, dimensions, is_tied):
    random = np.random.default_rng(seed)
    x, y = random.random((120, dimensions)), random.random(120) < 0.3
    x = np.round(3 * x) if is_tied else x
    boxes = peeled(x, y, 12)
    inside = [box.contains(x) for box in boxes]
    assert inside[0].all()
    assert min(one.sum() for one in inside) >= 12
    density = [y[one].mean() for one in inside]
    assert all(after > before for before, after in pairwise(density))
    for before, after in pairwise(inside):
        assert (after <= before).all() or (before <= after).all(), "a paste is the other way about"


def test_what_no_number_can_vary_has_no_box_but_the_whole() -> None:
    y = np.arange(60) % 2 == 0
    for x in (np.ones((60, 2)), np.empty((60, 0))):
        (box,) = peeled(x, y, 5)
        assert box.restricted == ()
        assert box.contains(x).all()


def test_far_fewer_numbers_that_do_nothing_prove_right_in_enough_halves_than_peeling_bounds() -> None:
    plain = selected = found = 0
    for seed in (1, 2, 3):
        random = np.random.default_rng(seed)
        x = random.random((800, 25))
        y = random.random(800) < np.where((x[:, 7] > 0.6) & (x[:, 21] < 0.5), 0.8, 0.1)
        boxes = peeled(x, y, 40)
        halves = [random.permutation(800)[:400] for _ in range(10)]
        stable = set(np.flatnonzero(repeats(x, y, 20, halves) >= 7).tolist())
        plain += len(set(boxes[best_of(boxes, x, y)].restricted) - {7, 21})
        selected, found = selected + len(stable - {7, 21}), found + len(stable & {7, 21})
    assert found >= 5
    assert selected <= plain / 4


# ---- what replications drew


def test_what_a_replication_drew_is_computed_again_to_the_bit() -> None:
    """All kinds of distributions, drawn together or not, and a seed of more than 32 bits."""
    kinds = ["uniform: [0.1, 2]", "normal: [1, 0.3]", "lognormal: [1, 0.4]", "triangular: [0, 1, 2]",
             "choice: [0.2, 0.9, 0.4]", "uniform: [0.1, 3], together: both"]  # fmt: skip
    names = ("reciprocity", "discharge", "gradualism", "own_cost", "inertia", "temperature")
    sets = [f"actors.us.policy.{name}={{{kind}}}" for name, kind in zip(names, kinds, strict=True)]
    world = compile_scenario(
        api.load("minimal", [*sets, "actors.eu.policy.temperature={uniform: [0.5, 1], together: both}"])
    )
    seed, numbers = 2**40 + 3, np.array([0, 1, 77, 4096])
    values = drawn_values(world, seed, numbers)
    assert values.shape == (4, len(world.cells))
    for number, row in zip(numbers, values, strict=True):
        w = simpy_clock.play(world, seed, int(number))
        assert row.tolist() == [uncertain_value(w, n) for n in range(len(world.cells))]


# ---- the study


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run in which runaway hangs on the threshold that defines it, and hardly on anything else."""
    folder = tmp_path_factory.mktemp("runs") / "minimal"
    return api.run("minimal", 200, seed=1, sets=SETS, until="2020-11-10", out=folder)


@pytest.fixture(scope="module")
def found(run: Finished) -> Discovery:
    return api.discover(run.folder, "runaway")


def test_the_number_that_decides_is_bounded_and_holds_on_what_was_held_out(found: Discovery) -> None:
    (box,) = found.boxes
    assert box.number == box.recommended
    first = box.restrictions[0]
    assert first.quantity == THRESHOLD
    assert first.low is None
    assert 4 < first.high < 12
    assert first.p_held_out < 0.01
    assert first.repeats >= 7
    assert box.held_out.density.low > found.share.high
    assert found.held_out == box.held_out


def test_figures_are_those_of_counting(run: Finished, found: Discovery) -> None:
    (box,) = found.boxes
    world = compile_scenario(run.scenario)
    values = drawn_values(world, run.seed, np.arange(200))
    paths = [cell.path for cell in world.cells]
    inside = np.ones(200, bool)
    for one in box.restrictions:
        column = values[:, paths.index(one.quantity)]
        inside &= (column >= (one.low or -np.inf)) & (column <= (one.high or np.inf))
    hits = run.columns(["runaway"])["runaway"] == 1
    for part, figures in ((slice(0, None, 2), box.fitted), (slice(1, None, 2), box.held_out)):
        assert figures.cases == hits[part].sum()
        assert figures.coverage.value == (hits & inside)[part].sum() / hits[part].sum()
        assert figures.density.value == (hits & inside)[part].sum() / inside[part].sum()
        assert figures.mass == inside[part].mean()
    assert {point.replication % 2 for point in box.points} == {1}
    assert [point.case for point in box.points] == hits[1::2].tolist()


def test_a_run_in_memory_and_its_folder_have_one_answer(run: Finished, found: Discovery) -> None:
    again = api.discover(run, "runaway")
    assert again.model_dump(exclude={"run", "scenario"}) == found.model_dump(exclude={"run", "scenario"})
    assert f"escalation discover {run.folder} --outcome runaway --box N" in str(again)


def test_another_box_of_the_trajectory_is_picked_by_place_or_by_density(
    run: Finished, found: Discovery
) -> None:
    (recommended,) = found.boxes
    (box,) = api.discover(run, "runaway", box=2).boxes
    assert (box.number, box.trajectory) == (2, recommended.trajectory)
    (box,) = api.discover(run, "runaway", density=0.7).boxes
    assert box.fitted.density.value >= 0.7
    assert all(step.fitted.density.value < 0.7 for step in box.trajectory[: box.number])
    (whole,) = api.discover(run, "runaway", box=0).boxes
    assert (whole.restrictions, whole.points) == ((), ())


def test_a_later_box_is_looked_for_outside_the_first(run: Finished, found: Discovery) -> None:
    several = api.discover(run, "not runaway", boxes=3)
    first, *others = several.boxes
    assert len(others) < 3
    left = 1 - first.fitted.coverage.value
    for box in others:
        assert box.trajectory[0].fitted.coverage.value == pytest.approx(left)
        left -= box.fitted.coverage.value
    assert several.fitted.coverage.value == pytest.approx(1 - left)
    assert several.cases == found.replications - found.cases


def test_a_box_that_held_out_futures_do_not_confirm_is_called_so(run: Finished) -> None:
    """Whether Belarus acts hangs on nothing that is uncertain here, but for what has come about by chance."""
    result = api.discover(run, "acts.belarus >= 1")
    (box,) = result.boxes
    assert ("Box: not confirmed." in str(result)) == bool(box.restrictions)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"outcome": "runawy"}, "--outcome runawy: there is no outcome runawy .did you mean runaway"),
        ({"outcome": "acts.eu"}, "is a count; write acts.eu >= NUMBER"),
        ({"outcome": "acts.eu > 900"}, "holds in 0 of 200 replications; each half of them needs at least 10"),
        ({"box": 500}, "--box: found 500; allowed is 0 to"),
        ({"box": 1, "boxes": 2}, "--box 1: says which box; leave out --boxes"),
        ({"boxes": 0}, "--boxes: found 0; allowed is 1 to 10"),
        ({"density": 80}, "--density: found 80; allowed is a share"),
        ({"density": 1.0, "outcome": "not runaway"}, "--density 1: no box is so dense; the densest has 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(
    run: Finished, asked: dict[str, Any], error: str
) -> None:
    with pytest.raises(InputError, match=error):
        api.discover(run, **({"outcome": "runaway"} | asked))


def test_a_run_without_uncertain_numbers_is_refused_with_how_to_get_some(tmp_path: Path) -> None:
    plain = api.run(
        "minimal", 4, sets=["actors.belarus.policy.reciprocity=1"], until="2020-11-01", out=tmp_path / "plain"
    )
    with pytest.raises(InputError, match=r"no uncertain number.*escalation run minimal --assumptions 0.3"):
        api.discover(plain.folder, "runaway")


@pytest.mark.parametrize(
    ("source", "error"),
    [("minimal", "is a scenario; boxes are found in a run: escalation run minimal"),
     ("minimall", "no such run or scenario.*did you mean minimal")],
)  # fmt: skip
def test_a_scenario_is_no_run(source: str, error: str) -> None:
    with pytest.raises(InputError, match=error):
        api.discover(source, "runaway")
