"""Golden traces: replication 0 of seed 0 of a scenario, act by act.

    python -m tests.golden.trace

writes all of them anew; say why under "Changes results" in the changelog.
"""

from __future__ import annotations

from pathlib import Path

from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SHOCK
from escalation.scenario.load import load

FOLDER = Path(__file__).parent
SCENARIOS = ("minimal", "belarus_2020")


def trace(name: str) -> str:
    """Return one line per act and shock: time, who, whom, what, how large, woken by which line."""
    world = compile_scenario(load(f"shipped:{name}"))
    log, names = simulate(world, 0, 0).acts, world.names
    lines = []
    for n in range(len(log["act"])):
        what = names.shocks if log["origin"][n] == SHOCK else names.instruments
        target = names.actors[log["target"][n]] if log["target"][n] >= 0 else "-"
        lines.append(
            f"{n:4d} {log['time'][n]:10.4f} {names.actors[log['actor'][n]]:10s} {target:10s}"
            f" {what[log['instrument'][n]]:30s} {log['size'][n]:8.2f} {log['parent'][n]:4d}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for scenario in SCENARIOS:
        (FOLDER / f"{scenario}.txt").write_text(trace(scenario))
