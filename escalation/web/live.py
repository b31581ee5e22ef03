"""What the live page asks for, by its path: documents, downloads, and which request is the newest.

A request is a path and its parameters; an answer is bytes with their type. Whatever a browser can send is
bounded here; nothing of it names a file.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from escalation import api
from escalation.errors import EscalationError, InputError
from escalation.model.world import FAILED
from escalation.present import live
from escalation.study.execution import Execution
from escalation.study.live.along import view_under
from escalation.study.live.controls import Controls
from escalation.study.live.futures import LEVELS, Contrasted, Explorer, Settings, Snapshot
from escalation.study.source import Source

MOST_SETTINGS, LONGEST_SETTING = 40, 400
"""Settings of one state, and letters of each."""
MOST_ANSWERS = 200
"""Answers that are kept, some 40 KB each."""
MOST_PAGES = 64
"""Open pages whose newest request is known."""
MOST_FOUND = 12
"""Controls that a search gives."""
JSON, YAML, HTML = "application/json", "application/yaml", "text/html"

Parameters = Mapping[str, Sequence[str]]


class Superseded(Exception):
    """A newer request of the same page has come."""


class Answer(NamedTuple):
    """The body of a response, its type, and the name under which it is to be saved, where it is."""

    body: bytes
    type: str
    saved_as: str = ""


@dataclass(frozen=True)
class PageState:
    """What a page shows: its settings (B), and those that it holds against them (A)."""

    b: Settings
    a: Settings | None

    @classmethod
    def of(cls, asked: Parameters) -> PageState:
        """Return the state that parameters say. Raises InputError for too much of it."""
        held = _settings(asked, "a-") if asked.get("a") else None
        return cls(_settings(asked, ""), held)


def _settings(asked: Parameters, prefix: str) -> Settings:
    texts = [tuple(asked.get(f"{prefix}{name}", ())) for name in ("set", "without", "force")]
    if sum(map(len, texts)) > MOST_SETTINGS:
        raise InputError(f"found {sum(map(len, texts))} settings; allowed are {MOST_SETTINGS}")
    for text in (text for group in texts for text in group):
        if len(text) > LONGEST_SETTING:
            raise InputError(f"a setting of {len(text):,} letters; allowed are {LONGEST_SETTING}")
        if not text.isprintable():
            raise InputError(f"{text!r}: has control characters; write it on one line")
    return Settings(*texts)


class Live:
    """The live page of one scenario: it answers paths, one computation at a time.

    A page numbers its requests; one that waits or is being played gives way to a newer one of the same page.
    """

    def __init__(self, source: Source, execution: Execution):
        self.explorer = Explorer(source, execution)
        self.closing = False
        self._controls: Controls | None = None
        self._answers: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._guard, self._reporting = threading.Lock(), threading.Lock()
        self.routes: Mapping[str, Callable[[Parameters], Answer]] = {
            "/controls.json": self._scenario,
            "/search.json": self._search,
            "/answer.json": self._answered,
            "/story.json": self._story,
            "/scenario.yaml": self._file,
            "/report.html": self._report,
        }

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing = True
        self.explorer.__exit__()

    def prepare(self) -> None:
        """Compile, list the controls, and play the scenario as it is, before anybody asks.

        What goes wrong is said to whoever asks for it.
        """
        with suppress(Superseded, EscalationError), self.explorer.lock:
            _ = self.controls
            self._snapshot(Settings(), LEVELS[0], False, lambda: not self.closing)

    @property
    def controls(self) -> Controls:
        """What can be turned."""
        with self.explorer.lock:
            self._controls = self._controls or Controls(self.explorer.variants)
        return self._controls

    # ---- the scenario

    def _scenario(self, _: Parameters) -> Answer:
        return _json(live.controls(self.explorer, self.controls))

    def _search(self, asked: Parameters) -> Answer:
        """Answer with the controls that words find, and those of the paths that are named."""
        words = _one(asked, "words")[:LONGEST_SETTING]
        paths = asked.get("path", ())[:MOST_SETTINGS]
        named = [self.controls.every[path] for path in paths if path in self.controls.every]
        matches = self.controls.search(words, MOST_FOUND) if words.strip() else []
        return _json({"named": [*map(live.control, named)], "found": [*map(live.control, matches)]})

    # ---- what comes out

    def _answered(self, asked: Parameters) -> Answer:
        state, n, with_R = PageState.of(asked), _level(asked), bool(asked.get("R"))
        when = _one(asked, "when")[:LONGEST_SETTING]
        key = state, n, with_R, when
        wanted = self._wanted(asked)
        if (body := self._answers.get(key)) is None:
            with self.explorer.lock:
                body = _encoded(self._document(state, n, with_R, when, wanted))
        with self._guard:
            self._answers[key] = body
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
        return Answer(body, JSON)

    def _document(
        self, state: PageState, n: int, with_R: bool, when: str, wanted: Callable[[], bool]
    ) -> dict[str, Any]:
        b = self._snapshot(state.b, n, with_R, wanted)
        a = None if state.a is None else self._snapshot(state.a, n, with_R, wanted)
        return live.answer(b, when, Contrasted(a, b) if a else None)

    def _snapshot(self, settings: Settings, n: int, with_R: bool, wanted: Callable[[], bool]) -> Snapshot:
        """Return the first n futures under settings. Raises Superseded when they are no longer wanted."""
        if not wanted():
            raise Superseded
        futures = self.explorer.futures(settings)
        if not futures.extend(n, wanted):
            raise Superseded
        flywheel = futures.flywheel(n, wanted) if with_R else None
        if with_R and flywheel is None:
            raise Superseded
        seen = futures.snapshot(n, flywheel)
        if not np.any(seen.ensemble.statuses != FAILED):
            raise InputError("all futures failed; `escalation run` says why")
        return seen

    def _wanted(self, asked: Parameters) -> Callable[[], bool]:
        """Return whether a request is still the newest of its page, which numbers them."""
        page, number = _one(asked, "page")[:32], _one(asked, "ask")
        ask = int(number) if re.fullmatch(r"[0-9]{1,12}", number) else 0
        with self._guard:
            self._newest[page] = max(ask, self._newest.pop(page, 0))
            while len(self._newest) > MOST_PAGES:
                self._newest.popitem(last=False)
        return lambda: not self.closing and self._newest.get(page, ask) <= ask

    # ---- one future

    def _story(self, asked: Parameters) -> Answer:
        state = PageState.of(asked)
        with self.explorer.lock:
            return _json(
                live.story(self._snapshot(state.b, _level(asked), False, self._open), self._a(state))
            )

    def _a(self, state: PageState) -> Any:
        return None if state.a is None else self.explorer.futures(state.a)

    def _open(self) -> bool:
        return not self.closing

    # ---- to take along

    def _file(self, asked: Parameters) -> Answer:
        with self.explorer.lock:
            text = live.scenario_file(self.explorer.futures(PageState.of(asked).b))
        return Answer(text.encode(), YAML, "changed.yaml")

    def _report(self, asked: Parameters) -> Answer:
        """Answer with the offline report: of A and B where A is held, played anew as the command does."""
        state = PageState.of(asked)
        views = [
            view_under(self.explorer.futures(settings), LEVELS[-1])
            for settings in (state.a, state.b)
            if settings is not None
        ]
        with self._reporting:
            return Answer(api.report(views).encode(), HTML, "report.html")


def _level(asked: Parameters) -> int:
    text = _one(asked, "n") or str(LEVELS[-1])
    if text not in map(str, LEVELS):
        raise InputError(f"n: found {text[:20]!r}; allowed are {', '.join(map(str, LEVELS))}")
    return int(text)


def _one(asked: Parameters, name: str) -> str:
    return asked.get(name, [""])[0]


def _json(document: Any) -> Answer:
    return Answer(_encoded(document), JSON)


def _encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
