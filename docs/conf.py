"""What Sphinx makes a site of: the pages as they are; their order and headings are those of docs/README.md.

sphinx-build -W -c docs . build/site
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "escalation"
root_doc = "docs/README"
include_patterns = ["README.md", "CHANGELOG.md", "docs/*.md", "*/README.md", "tests/mutants.md"]
exclude_patterns = [".*", "build"]
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = project
html_copy_source = html_show_sphinx = html_use_index = False
suppress_warnings = ["misc.highlighting_failure"]  # blocks of our own languages: `set`, `policy`


def setup(app: Sphinx) -> None:
    app.connect("source-read", with_contents)
    app.connect("build-finished", with_front_door)


def with_contents(_: Sphinx, page: str, source: list[str]) -> None:
    """Make contents, which stand beside every page, of the links of the index, heading by heading."""
    if page != root_doc:
        return
    for section in re.split(r"^## ", source[0], flags=re.M)[1:]:
        links = "\n".join(re.findall(r"\]\((\S+)\.md\)", section))
        caption = section.splitlines()[0]
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{links}\n```\n"


def with_front_door(app: Sphinx, error: Exception | None) -> None:
    if not error:
        to = f"{root_doc}.html"
        page = f'<!doctype html><meta charset="utf-8"><title>{project}</title>'
        page += f'<meta http-equiv="refresh" content="0; url={to}"><a href="{to}">{project}</a>\n'
        Path(app.outdir, "index.html").write_text(page, encoding="utf-8")
