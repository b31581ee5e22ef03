"""The pages become a site: every link in it leads somewhere, and it asks no other host for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

pytest.importorskip("sphinx", reason="the site needs the extra `docs`")
pytest.importorskip("furo", reason="the site needs the extra `docs`")
pytest.importorskip("myst_parser", reason="the site needs the extra `docs`")
LOADED = re.compile(
    r"""<(?!a\b)[^>]*?\b(?:src|srcset|href|poster|data|action)=["']?((?:\w+:)?//[^\s"'>]+)"""
    r"""|(?:url\(|@import|fetch\(|import\()\s*["']?((?:https?:)?//[^\s"')]+)"""
)
"""An address of another host that a browser would ask; a link that a reader follows is none."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", out / "cache", "-c", "docs"]
    done = subprocess.run([*command, ".", out], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return out


def test_the_site_has_every_page_and_the_index_leads_to_it(site: Path) -> None:
    assert {(site / "docs" / page.name).with_suffix(".html").is_file() for page in PAGES[:-1]} == {True}
    assert 'url=docs/README.html"' in (site / "index.html").read_text(encoding="utf-8")
    contents = (site / "docs/README.html").read_text(encoding="utf-8")
    assert contents.index(">Glossary<") < contents.index(">Does the flywheel turn?<")
    assert '"flywheel"' in (site / "searchindex.js").read_text(encoding="utf-8")


def test_the_site_asks_no_other_host(site: Path) -> None:
    assert LOADED.search('<script src="https://example.org/x.js">')
    assert LOADED.search("@import url(//example.org/font.css)")
    texts = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".js", ".svg")]
    asked = {found[0] for path in texts if (found := LOADED.search(path.read_text(encoding="utf-8")))}
    assert asked == set()
