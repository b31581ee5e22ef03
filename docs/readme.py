"""Write the README's summary anew from a real run.

python docs/readme.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def summary() -> str:
    """Return what `escalation run belarus_2020` prints into a pipe, up to how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["run", "belarus_2020", "--quiet", "--out", f"{folder}/run"]
        printed = subprocess.run(
            [sys.executable, "-m", "escalation", *command], check=True, capture_output=True, text=True
        ).stdout
    lines = [line.rstrip() for line in printed.splitlines()]
    ending = next(n for n, line in enumerate(lines) if " replications, seed " in line)
    return "\n".join(lines[:ending]).rstrip()


def main() -> None:
    page = README.read_text()
    start = page.index("<!-- summary -->") + len("<!-- summary -->")
    stop = page.index("<!-- end -->", start)
    README.write_text(f"{page[:start]}\n```text\n{summary()}\n…\n```\n{page[stop:]}")


if __name__ == "__main__":
    main()
