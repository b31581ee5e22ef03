"""What is asked of a simulation, and how the work is done: validated once, in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

import escalation
from escalation import api
from escalation.errors import InputError
from escalation.study.execution import Execution, Request

WRONG = [
    ({"replications": 0}, "replications: found 0; allowed is 1 to 10,000,000"),
    ({"replications": -5}, "replications: found -5"),
    ({"replications": 10_000_001}, "replications: found 10000001"),
    ({"replications": 2.5}, r"replications: found 2\.5; allowed is a whole number"),
    ({"replications": "20"}, "replications: found '20'; allowed is a whole number"),
    ({"replications": True}, "replications: found True"),
    ({"seed": -1}, "seed: found -1; allowed is 0 to 18,446,744,073,709,551,615"),
    ({"seed": 2**64}, "seed: found 18446744073709551616"),
    ({"seed": 1.0}, "seed: found 1.0"),
    ({"sets": "actors.eu.policy=hardline"}, "sets: found 'actors.eu.policy=hardline'; allowed is a list"),
    ({"sets": [3]}, r"sets: found \[3\]"),
    ({"until": "soon"}, "until soon: is not a date"),
    ({"until": 7}, "until 7: is not a date"),
    ({"until": datetime(2021, 1, 1)}, "until 2021-01-01 00:00:00: is not a date"),
    ({"workers": 0}, "workers: found 0; allowed is 1 to 1,024"),
    ({"workers": 1.5}, "workers: found 1.5"),
    ({"clock": "nope"}, "clock: found 'nope'; allowed are auto, compiled, simpy"),
    ({"clock": "compield"}, r"clock: found 'compield'.*\(did you mean compiled\?\)"),
    ({"clock": None}, "clock: found None"),
    ({"engine": "dusk"}, "engine dusk: no such engine"),
    ({"engine": 3}, "engine: found 3"),
]
VARY = ["actors.eu.policy.reciprocity=0:1:2"]

SIMULATES: dict[str, Callable[..., Any]] = {
    "run": escalation.run,
    "compare": lambda source, **options: api.compare([source, source], **options),
    "average_whatif": lambda source, **options: api.average_whatif(source, ["first eu hostile"], **options),
    "check_attribution": api.check_attribution,
    "view": api.view,
    "sweep": lambda source, **options: api.sweep(source, VARY, ["mean(acts.eu)"], **options),
}
"""Every public function that simulates, called with a scenario and options."""


@pytest.mark.parametrize(("options", "words"), WRONG, ids=str)
@pytest.mark.parametrize("name", SIMULATES)
def test_every_function_refuses_what_is_not_allowed(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        SIMULATES[name]("minimal", **options)


@pytest.mark.parametrize("points", [0, -1, 1.5])
def test_a_number_of_points_is_not_replaced_by_the_usual_one(points: Any) -> None:
    with pytest.raises(InputError, match="points"):
        api.sweep("minimal", ["actors.eu.policy.reciprocity=0:1"], design="lhs", points=points)


def test_what_is_not_given_has_one_default() -> None:
    assert (Request().total, Request(precision=1.0, outcome="acts.eu").total) == (1_000, 100_000)
    assert Request(replications=7, precision=1.0, outcome="acts.eu").total == 7
    with pytest.raises(InputError, match="give both or neither"):
        Request(precision=1.0)


def test_whole_numbers_of_any_type_and_dates_as_text_are_taken() -> None:
    request = Request(replications=np.int64(3), seed=np.uint64(2**64 - 1), until="2021-04-01")
    assert (request.total, request.until) == (3, date(2021, 4, 1))
    assert request.overrides == ("until=2021-04-01",)
    assert Execution(workers=np.int32(2)).workers == 2
