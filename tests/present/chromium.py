"""A headless Chromium with the network off, asked what a reader of a page would see."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files", "--enable-logging=stderr"),
    *("--v=0", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=4000"),
)

MEASURE = """
const page = document.getElementById("page").contentDocument, view = page.defaultView;
const shown = one => one.getClientRects().length > 0;
const pictures = [...page.querySelectorAll("svg")].filter(shown).map(svg => {
  const box = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll("path, text, line, circle, rect")].filter(one => {
    const size = one.getBoundingClientRect();
    return (size.width > 0 || size.height > 0) && one.getAttribute("fill") !== "var(--paper)";
  });
  const outside = [...svg.querySelectorAll("text")].filter(one => {
    const place = one.getBoundingClientRect();
    return one.textContent && (place.left < box.left - 2 || place.right > box.right + 2);
  }).map(one => one.textContent);
  const smallest = Math.min(...[...svg.querySelectorAll("text")].filter(one => one.textContent)
    .map(one => one.getBoundingClientRect().height));
  return {name: svg.getAttribute("aria-label"), width: box.width, height: box.height, marks: marks.length,
          outside, smallest, figure: svg.closest("figure").id};
});
const tab = "a[href], summary, [tabindex='0']";
document.getElementById("found").textContent = JSON.stringify({
  title: page.title, pictures,
  figures: [...page.querySelectorAll("figure")].map(one => one.id),
  width: page.documentElement.scrollWidth, room: view.innerWidth,
  background: view.getComputedStyle(page.body).backgroundColor,
  ink: view.getComputedStyle(page.querySelector("svg text")).fill,
  reachable: [...page.querySelectorAll(tab)].filter(one => one.tabIndex < 0).length,
  scripts: page.querySelectorAll("script").length,
  requests: view.performance.getEntriesByType("resource").map(one => one.name),
});
"""


@lru_cache(maxsize=1)
def chromium() -> str | None:
    """Return the path of Chromium, or None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def seen(page: Path, width: int = 1000, dark: bool = False) -> tuple[dict[str, Any], list[str]]:
    """Return what a page of that width in pixels looks like, and the messages on the console."""
    frame = page.with_name("frame.html")
    style = f"width:{width}px;height:900px;border:0"
    frame.write_text(
        f'<!doctype html><iframe id="page" src="{page.name}" style="{style}"></iframe>'
        f'<pre id="found"></pre><script>addEventListener("load", () => {{ {MEASURE} }})</script>'
    )
    done = _run(frame, "--dump-dom", dark)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stderr
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(found[1])), console


def _run(page: Path, action: str, dark: bool) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = [str(chromium()), *FLAGS, scheme, f"--user-data-dir={profile}", action, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
