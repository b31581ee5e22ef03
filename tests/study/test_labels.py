from __future__ import annotations

import pytest

from escalation.scenario.load import load
from escalation.study.points.variants import label_of, labels_of


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("actors.belarus.policy.reciprocity", "Belarus: reciprocity"),
        ("actors.eu.policy", "European Union: policy"),
        (
            "actors.eu.policy.last_resort.head_of_state_listing",
            "European Union: last resort, head of state listing",
        ),
        ("dyads.us.belarus.exposure", "United States towards Belarus: exposure"),
        ("outcomes.runaway", "outcomes, runaway"),
        ("end", "end"),
    ],
)
def test_a_path_is_called_whose_and_what_it_is(path: str, said: str) -> None:
    assert label_of(load("shipped:belarus_2020"), path) == said


def test_a_shock_is_called_by_its_label() -> None:
    scenario = load("shipped:belarus_2020")
    label = scenario.shocks["new_crackdown"].label
    assert label_of(scenario, "shocks.new_crackdown.rate").lower() == f"{label}: rate".lower()


def test_labels_that_read_alike_are_their_paths() -> None:
    paths = ["actors.eu.policy.join", "actors.eu.join", "actors.us.policy.join"]
    assert labels_of(load("shipped:minimal"), paths) == {
        paths[0]: paths[0], paths[1]: paths[1], paths[2]: "United States: join"
    }  # fmt: skip
