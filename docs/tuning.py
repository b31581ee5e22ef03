"""Run every command of docs/tuning.md anew and put what it prints below it, with its picture.

    python docs/tuning.py [WORD …]

With words, only the blocks of these names. All of it takes about five minutes on two cores.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parent / "tuning.md"
PICTURE = PAGE.with_name("tuning-pareto.svg")
BLOCK = re.compile(
    r"<!-- (?P<name>[\w-]+) -->\n```sh\n(?P<command>.*?)\n```\n```text\n.*?\n```\n<!-- end -->", re.S
)


def printed(command: str, folder: Path) -> str:
    """Return what a command prints into a pipe, without how long it took."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "escalation"
    done = subprocess.run(
        [sys.executable, "-m", "escalation", *words[1:], "--quiet"],
        check=True, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    lines = [re.sub(r"\s*In [\d.]+ (s|min).*$", "", line.rstrip()) for line in done.stdout.splitlines()]
    return "\n".join(lines).strip()


def main() -> None:
    wanted = sys.argv[1:]
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def anew(block: re.Match[str]) -> str:
            if wanted and block["name"] not in wanted:
                return block[0]
            text = printed(block["command"], folder)
            name, command = block["name"], block["command"]
            return f"<!-- {name} -->\n```sh\n{command}\n```\n```text\n{text}\n```\n<!-- end -->"

        PAGE.write_text(BLOCK.sub(anew, page), encoding="utf-8")
        drawn = folder / "results/tradeoff/tune.svg"
        if drawn.is_file():
            shutil.copy(drawn, PICTURE)


if __name__ == "__main__":
    main()
