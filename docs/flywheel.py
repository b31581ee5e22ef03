"""Write the figures of docs/flywheel.md anew from real runs.

python docs/flywheel.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import escalation
from escalation.present.flywheel import ends
from escalation.present.format import interval, percent, value
from escalation.study.flywheel.model import Flywheel

PAGE = Path(__file__).parent / "flywheel.md"
SCENARIOS = ("belarus_2020", "belarus_restrained", "belarus_hardline", "belarus_from_election", "minimal")
REPLICATIONS = 1000


def section() -> str:
    """Return what `escalation summary --full` prints of the flywheel of `escalation run belarus_2020`."""
    with tempfile.TemporaryDirectory() as folder:
        _printed("run", "belarus_2020", "--quiet", "--out", f"{folder}/run")
        lines = _printed("summary", f"{folder}/run", "--full").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("The flywheel "))
    last = next(n for n, line in enumerate(lines) if " replications, seed " in line)
    return "\n".join(line.rstrip() for line in lines[first:last]).rstrip()


def scenarios() -> str:
    """Return a table of the flywheels of the shipped scenarios."""
    rows = [
        "| scenario | R | with late answers | answers to acts | clustering | without answers |",
        "|---" * 6 + "|",
    ]
    for name in SCENARIOS:
        wheel = escalation.run(name, replications=REPLICATIONS, workers=2).summary.flywheel
        assert wheel is not None
        rows.append(f"| `{name}` | {' | '.join(_cells(wheel))} |")
    return "\n".join(rows)


def _cells(wheel: Flywheel) -> list[str]:
    assert wheel.rival is not None
    part = wheel.rival.unanswering
    return [
        f"{wheel.counted.R.value:.2f} {ends(wheel.counted.R)}",
        f"{wheel.counted.eventual.value:.2f} {ends(wheel.counted.eventual)}",
        percent(wheel.sources["acts"]),
        f"{wheel.rival.clustering:.2f}",
        "–" if part.value is None else f"{value(part)} {interval(part)}",
    ]


def _printed(*arguments: str) -> str:
    command = [sys.executable, "-m", "escalation", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def written(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the marks of this name."""
    mark = f"<!-- {name} -->\n"
    start = page.index(mark) + len(mark)
    return page[:start] + text + "\n" + page[page.index("<!-- end -->", start) :]


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    page = written(page, "section", f"```text\n{section()}\n```")
    PAGE.write_text(written(page, "scenarios", scenarios()), encoding="utf-8")


if __name__ == "__main__":
    main()
