"""The gallery shows every shipped scenario, as `escalation list` does, with a small picture."""

from __future__ import annotations

import pytest

from docs.write import answered
from escalation.scenario.load import Listed, shipped_scenarios
from tests.docs.pages import DOCS, page


@pytest.mark.parametrize("shown", shipped_scenarios(), ids=lambda shown: shown.name)
def test_a_scenario_stands_there_with_what_the_list_says_and_a_picture(shown: Listed) -> None:
    text = page("gallery.md")
    assert all(words in text for words in shown)
    assert f"](gallery/{shown.name}.svg)" in text
    assert (DOCS / f"gallery/{shown.name}.svg").stat().st_size <= 60_000


def test_the_answers_are_those_of_the_model_as_it_is() -> None:
    stored = next(shown.answer for shown in shipped_scenarios() if shown.name == "minimal")
    assert stored == answered("minimal")[0], "python docs/write.py docs/gallery.md writes it"
