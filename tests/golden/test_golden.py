from __future__ import annotations

import pytest

from tests.golden.trace import FOLDER, SCENARIOS, trace


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_story_goes_as_it_went(name):
    assert trace(name) == (FOLDER / f"{name}.txt").read_text(), "python -m tests.golden.trace writes it anew"
