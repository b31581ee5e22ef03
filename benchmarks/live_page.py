"""The live page in a headless Chromium: from the move of a slider to the new picture.

The command is started as a user starts it; a slider then jumps from one place to another, as many times
as asked, and each of the answers that follow is waited for until it is drawn and the browser has made a
frame of it. What is compared: the coarse answer, 300 futures, 1,000, and R, each from the moment of the
move; alone, and with an A held.

    python benchmarks/live_page.py --scenario belarus_2020 --moves 30

With `--picture FILE`, the page is only looked at: as the scenario is beside a hardline Belarus and an EU of
reciprocity 0.7 (`docs/live-page.png`).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from common import options, spread

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.browser import Browser  # noqa: E402 - it is beside the package, not in it

LEVELS = ("100", "300", "1000", "R")
SHOWN = "?set=actors.belarus.policy%3Dhardline&set=actors.eu.policy.reciprocity%3D0.7&a=1"
TARGETS = {"100": 120, "300": 250, "1000": 450}
"""Milliseconds from a move to its picture, on two quiet cores."""

MOVE = """
(async () => {
  const one = document.querySelector('.control input[type=range]'), seen = {};
  const low = +one.min, high = +one.max, before = document.body.dataset.state;
  one.value = low + (high - low) * %f;
  const began = performance.now();
  one.dispatchEvent(new Event('input', {bubbles: true}));
  one.dispatchEvent(new Event('change', {bubbles: true}));
  await new Promise(resolve => {
    const watch = new MutationObserver(() => {
      const {state, level} = document.body.dataset;
      if (state === before || level in seen) return;
      seen[level] = null;
      requestAnimationFrame(() => setTimeout(() => {
        seen[level] = performance.now() - began;
        if (level === 'R') { watch.disconnect(); resolve(); }
      }));
    });
    watch.observe(document.body, {attributes: true});
  });
  return seen;
})()
"""


def main() -> None:
    chosen = options(__doc__ or "", scenario="belarus_2020", moves=30, picture="")
    command = [sys.executable, "-m", "escalation", "serve", chosen.scenario, "--quiet"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        url = process.stdout.readline().strip()
        print(f"start to address: {time.perf_counter() - began:.2f} s")
        with Browser(height=1010) as page:
            if chosen.picture:
                look(page, url, Path(chosen.picture))
            else:
                measure(page, url, began, int(chosen.moves))
    finally:
        process.terminate()
        process.wait()


def look(page: Browser, url: str, file: Path) -> None:
    page.open(url)
    page.wait("document.body && document.body.dataset.level === 'R'")
    page.run(f"location.search = {SHOWN!r}")
    page.wait("document.body && document.body.dataset.level === 'R' && location.search")
    page.picture(file, whole=False)
    print(f"{file} written")


def measure(page: Browser, url: str, began: float, moves: int) -> None:
    page.open(url)
    page.wait("document.body && document.body.dataset.level")
    print(f"start to usable, the browser's own start included: {time.perf_counter() - began:.2f} s")
    page.wait("document.body.dataset.level === 'R'")
    for held in (False, True):
        if held:
            page.run("document.getElementById('hold').click()")
            page.wait("document.body.dataset.state.includes('a=1') && document.body.dataset.level === 'R'")
        times: dict[str, list[float]] = {level: [] for level in LEVELS}
        for n in range(moves):
            share = ((n + 1) * 0.618034 + 0.31 * held) % 1.0
            for level, spent in page.run(MOVE % share).items():
                times[level].append(spent)
        print("with an A held, ms:" if held else "alone, ms:")
        for level in LEVELS:
            if times[level]:
                target = f", target {TARGETS[level]}" if level in TARGETS else ""
                print(f"  {level:>5}: {spread(times[level])}{target}")
    print("browser's heap, MB:", round(page.call("Runtime.getHeapUsage")["usedSize"] / 1e6, 1))


if __name__ == "__main__":
    main()
