from __future__ import annotations

import os

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: threads wait for each other

settings.register_profile("any_machine", deadline=None)
settings.load_profile("any_machine")


@pytest.fixture(autouse=True)
def few_replications_are_interpreted(monkeypatch):
    """Whether this machine happens to hold compiled code must not decide which clock a test runs on."""
    monkeypatch.setattr("escalation.clocks.choice.pays", lambda world, replications: replications >= 1000)
