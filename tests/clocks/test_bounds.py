"""The compiled rules, compiled once more with every array index checked."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
from escalation.clocks.compiled_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.scenario.load import load
for name in ("belarus_2020", "belarus_hardline"):
    world = compile_scenario(load(f"shipped:{name}"))
    for replication in range(30):
        simulate(world, 1, replication)
print("within bounds")
"""


def test_no_rule_reads_or_writes_outside_its_columns(tmp_path):
    checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "ESCALATION_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=checked, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == "within bounds\n", done.stderr
