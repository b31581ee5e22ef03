"""The list of mutants that nothing can notice speaks of the rules as they are."""

from __future__ import annotations

import re

from tests.mutants import NOTICING, ROOT, VERDICTS, mutants


def test_every_verdict_names_a_mutant_that_there_is() -> None:
    names = re.findall(r"^\| `(.*)` \| equivalent \|", VERDICTS.read_text(encoding="utf-8"), re.M)
    files = [path for room in NOTICING for path in (ROOT / "escalation" / room).glob("*.py")]
    assert len(names) > 10
    assert set(names) - {mutant.name for path in files for mutant in mutants(path)} == set()
