"""Write into the pages what the program prints now: all blocks between `<!-- name -->` and `<!-- end -->`.

    python docs/write.py [PAGE …]

Without pages, all of them: on two cores `docs/validation.md` takes some four minutes and writes the scores in
the README as well, `docs/tuning.md` five, the others one. `docs/gallery.md` also writes the pictures
beside it and what `escalation list` shows, with the scores that `docs/validation.md` has then.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from typer.main import get_command

import escalation
from escalation.cli.app import COMMANDS, app
from escalation.cli.options import GROUP
from escalation.present.backtest import skill_words
from escalation.present.compare import sentences
from escalation.present.flywheel import ends
from escalation.present.format import capital, decimal, interval, listed, percent, value
from escalation.present.screen import as_json
from escalation.present.summary import opening
from escalation.scenario.expression import R
from escalation.scenario.files import shipped_names, shipped_path
from escalation.scenario.load import shipped_scenarios
from escalation.study.backtest.pooling import MODEL, pooled
from escalation.study.backtest.result import Backtest
from escalation.study.compare.model import R as FLYWHEEL
from escalation.study.finished import Finished
from escalation.study.flywheel.model import Flywheel
from escalation.study.studies import open_result
from escalation.study.summary import json_schema

ROOT = Path(__file__).resolve().parent.parent
FOOT = " replications, seed "
SCENARIOS = ("belarus_2020", "belarus_restrained", "belarus_hardline", "belarus_from_election", "minimal")
RECORDS = ("belarus", "iran", "myanmar", "nicaragua", "russia")
RIVALS = {"base_rate": "base rate", "poisson": "Poisson", "hawkes": "Hawkes"}
"""Rivals that the README shows."""
TOP = "Summary"
WORDS = {"integer": "whole number", "boolean": "true or false", "string": "text"}

SCORE = re.compile(r"^escalation backtest (\w+) --record \w+.*?^(90 days: [^\n]* rival[^\n]*)$", re.M | re.S)
"""A backtest on the page of validation: its scenario, and its sentence on 90 days."""

Schema = dict[str, Any]
Writer = Callable[[str, Path], str]
"""From the present text and a folder that the commands of a page share to the new text."""


class Page(NamedTuple):
    """What writes each block of a page, and each file that belongs to it."""

    blocks: dict[str, Writer]
    files: dict[str, Writer]


def rewritten(path: str, folder: Path, blocks: Iterable[str] = ()) -> str:
    """Return a page with these of its blocks, or all, as the program writes them now."""
    text = (ROOT / path).read_text(encoding="utf-8")
    writers = PAGES[path].blocks
    for name in blocks or writers:
        start, end = ends_of(text, name)
        text = replaced(text, name, writers[name](text[start:end], folder))
    return text


def replaced(text: str, name: str, block: str) -> str:
    """Return a page with one of its blocks replaced."""
    start, end = ends_of(text, name)
    return text[:start] + block + text[end:]


def ends_of(text: str, name: str) -> tuple[int, int]:
    mark = f"<!-- {name} -->\n"
    start = text.index(mark) + len(mark)
    return start, text.index("\n<!-- end -->", start)


def printed(command: str, folder: Path) -> str:
    """Return what a command prints into a pipe."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "escalation"
    done = subprocess.run(
        [sys.executable, "-m", *words], check=True, capture_output=True, text=True, cwd=folder
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def screen(_: str, folder: Path) -> str:
    """Return what `escalation run belarus_2020` prints, up to how long it took."""
    text = printed("escalation run belarus_2020 --quiet --out screen", folder)
    return f"```text\n{part(text, '', FOOT)}\n…\n```"


def section(_: str, folder: Path) -> str:
    """Return what `escalation summary --full` prints of the flywheel of `escalation run belarus_2020`."""
    printed("escalation run belarus_2020 --quiet --out section", folder)
    text = printed("escalation summary section --full", folder)
    return f"```text\n{part(text, 'The flywheel ', FOOT)}\n```"


def part(text: str, first: str, after: str) -> str:
    """Return the lines from the one that starts with `first` to before the one that has `after` in it."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(first))
    end = next(n for n, line in enumerate(lines) if after in line)
    return "\n".join(lines[start:end]).rstrip()


def rerun(block: str, folder: Path) -> str:
    """Return a block that shows a command and below it what the command prints, without how long it took."""
    command = re.findall(r"^```sh\n(.*?)\n```$", block, re.M | re.S)[0]
    text = re.sub(r" *In [\d.]+ (s|min).*$", "", printed(f"{command} --quiet", folder), flags=re.M)
    return f"```sh\n{command}\n```\n```text\n{text.strip()}\n```"


def step(lines: int, paragraphs: Sequence[int], block: str, folder: Path) -> str:
    """Return a block of the tutorial: its commands, and the first lines of some paragraphs below them."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/tutorial.md").read_text("utf-8"), re.M | re.S)
    (folder / "at_once.yaml").write_text(text, encoding="utf-8")
    commands = re.findall(r"^```sh\n(.*?)\n```$", block, re.M | re.S)[0]
    said = "\n".join(printed(command, folder) for command in commands.splitlines()).split("\n\n")
    gaps = ("…\n\n" * (number > before + 1) for before, number in pairwise((-1, *paragraphs)))
    text = "\n\n".join(f"{gap}{said[number]}" for gap, number in zip(gaps, paragraphs, strict=True))
    shown = text.splitlines()[:lines]
    return f"```sh\n{commands}\n```\n```text\n" + "\n".join([*shown, "…"]) + "\n```"


def backtest(block: str, folder: Path) -> str:
    """Return a block that shows a backtest and what it prints, without how long it took."""
    command = re.findall(r"^```sh\n(.*?)\n```$", block, re.M | re.S)[0]
    text = part(printed(f"{command} --quiet", folder), "Record ", " at each origin, seed ")
    return f"```sh\n{command}\n```\n```text\n{text}\n```"


def together(block: str, folder: Path) -> str:
    """Return a block that shows the scores of backtests that other blocks of the page have stored."""
    command = re.findall(r"^```sh\n(.*?)\n```$", block, re.M | re.S)[0]
    return f"```sh\n{command}\n```\n```text\n{printed(command, folder)}\n```"


def readme(_: str, folder: Path) -> str:
    """Return the README with the scores of all records together, from the backtests in `folder`."""
    results = [open_result(path) for path in sorted((folder / "backtests").iterdir())]
    found = pooled([result for result in results if isinstance(result, Backtest)])
    heads = ("", "this model, CRPS", *RIVALS.values(), "skill against the best", "in the 95% interval")
    records = listed([capital(name) for name in found.records])
    lines = [f"Records: {records}.", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for horizon in found.horizons:
        own = found.score(MODEL, horizon)
        rivals = [score for score in found.scores if (score.record, score.horizon) == ("", horizon)]
        best = min((score for score in rivals if score.skill), key=lambda score: score.crps)
        marks = {name: decimal(found.score(name, horizon).crps, 3) for name in RIVALS}
        cells = (f"{horizon} days", decimal(own.crps, 3), *marks.values(), skill_words(best.skill))
        lines.append(f"| {' | '.join((*cells, percent(own.held_95)))} |")
    return replaced((ROOT / "README.md").read_text(encoding="utf-8"), "scores", "\n".join(lines))


def discovery(block: str, folder: Path) -> str:
    """Return a block with commands that make a run and look for boxes in it, and what the last one prints."""
    commands = re.findall(r"^```sh\n(.*?)\n```$", block, re.M | re.S)[0]
    for command in commands.splitlines():
        text = printed(f"{command} --quiet", folder)
    return f"```sh\n{commands}\n```\n```text\n{text.strip()}\n```"


def boxes(_: str, folder: Path) -> str:
    return (folder / "results/many-answers/discover.svg").read_text(encoding="utf-8")


def picture(_: str, folder: Path) -> str:
    return (folder / "results/tradeoff/tune.svg").read_text(encoding="utf-8")


@cache
def played(name: str) -> Finished:
    return escalation.run(name, workers=2)


def answers(_text: str, _folder: Path) -> str:
    """Return what `escalation list` shows of each scenario: its answer, and its score against a record."""
    scores = dict(reversed(SCORE.findall((ROOT / "docs/validation.md").read_text(encoding="utf-8"))))
    held = {name: f"Forecasts against its record, {score}" for name, score in scores.items()}
    return as_json({name: [answered(name)[0], held.get(name, "")] for name in shipped_names()}) + "\n"


@cache
def answered(name: str) -> list[str]:
    """Return what a scenario answers; of a variant, how that differs from what it varies."""
    run, text = played(name), shipped_path(name).read_text(encoding="utf-8")
    base = re.search(r"^extends: shipped:(\w+)$", text, re.M)
    if base is None:
        return opening(run.summary)[:2]
    comparison = escalation.compare([played(base[1]), run])
    ((side, contrast),) = comparison.pairs()
    if not contrast.paired:
        return opening(run.summary)[:2]
    asked = {FLYWHEEL.name if one.outcome == R else one.outcome for one in run.summary.answers}
    others = {one.name for one in contrast.differences} - asked
    first, *more = sentences(comparison, side, contrast.model_copy(update={"past_uses": ()}), others)
    return [f"Compared with {base[1]}: {first[0].lower()}{first[1:]}", *more[:1]]


def curves(name: str, _text: str, folder: Path) -> str:
    """Return the picture of a scenario: by when each notable act has come."""
    escalation.plot(played(name), folder / f"{name}.svg", "when")
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def gallery(_: str, folder: Path) -> str:
    """Return a section for each shipped scenario."""
    stored = json.loads(answers("", folder))
    sections = []
    for name, title, question, *_ in shipped_scenarios():
        lines = "\n".join(f"- {line}" for line in filter(None, [*answered(name), stored[name][1]]))
        picture = f"![{title}: by when each act has come](gallery/{name}.svg)"
        sections.append(f"## {title}\n`{name}`. *{question}*\n\n{lines}\n\n{picture}")
    return "\n\n".join(sections)


def commands(_text: str, _folder: Path) -> str:
    """Return the options that commands share, then each command: what it does, and what it takes besides."""
    root: Any = get_command(app)
    entries = {name: root.get_command(None, name) for name in COMMANDS}
    for name, group in [(name, entry) for name, entry in entries.items() if hasattr(entry, "commands")]:
        entries |= {f"{name} {word}": entry for word, entry in group.commands.items()}
        del entries[name]
    shared = {option.name: option.help for option in entries["run"].params if option.name in GROUP}
    lines = ["## Options that commands share", *options(entries["run"], shared)]
    for name, entry in entries.items():
        own = [one.name for one in entry.params if shared.get(one.name) != one.help]
        same = [f"`{one.opts[0]}`" for one in entry.params if one.name not in own]
        lines += ["", f"## {name}", " ".join(entry.help.split("\n\n")[0].split())]
        lines += options(entry, own) + ([f"\nShared: {', '.join(same)}."] if same else [])
    return "\n".join(lines)


def options(command: Any, names: Collection[str]) -> list[str]:
    """Return the lines of a table of some arguments and options of a command, in the words of its help."""
    context = command.context_class(command)
    records = [one.get_help_record(context) for one in command.params if one.name in names]
    cells = [[text.replace("|", "\\|") for text in record] for record in records if record]
    rows = [f"| `{name}` | {text} |" for name, text in cells]
    return ["", "| option | meaning |", "|---|---|", *rows] if rows else []


def schema(_text: str, _folder: Path) -> str:
    return as_json(json_schema()) + "\n"


def scenarios(_block: str, _folder: Path) -> str:
    """Return a table of the flywheels of the shipped scenarios."""
    rows = [
        "| scenario | R | with late answers | answers to acts | clustering | without answers |",
        "|---" * 6 + "|",
    ]
    for name in SCENARIOS:
        flywheel = escalation.run(name, replications=1000, workers=2).summary.flywheel
        assert flywheel is not None
        rows.append(f"| `{name}` | {' | '.join(figures(flywheel))} |")
    return "\n".join(rows)


def figures(flywheel: Flywheel) -> list[str]:
    assert flywheel.rival is not None
    rest = flywheel.rival.unanswering
    return [
        f"{flywheel.counted.R.value:.2f} {ends(flywheel.counted.R)}",
        f"{flywheel.counted.eventual.value:.2f} {ends(flywheel.counted.eventual)}",
        percent(flywheel.sources["acts"]),
        f"{flywheel.rival.clustering:.2f}",
        "–" if rest.value is None else f"{value(rest)} {interval(rest)}",
    ]


def fields(_block: str, _folder: Path) -> str:
    """Return a section with a table for each mapping of the document, in the order of their first mention."""
    document = json_schema()
    parts = {TOP: document} | document["$defs"]
    order = [TOP]
    for name in order:
        new = dict.fromkeys(mentioned(parts[name]["properties"]))
        order += [part for part in new if part not in order]
    return "\n\n".join(mapping(name, parts[name]) for name in order)


def mapping(name: str, schema: Schema) -> str:
    lines = [
        f"### {heading(name)}",
        "",
        schema["description"],
        "",
        "| field | holds | unit | meaning |",
        "|---|---|---|---|",
    ]
    required = schema.get("required", ())
    for key, entry in schema["properties"].items():
        holds = kind(entry) + ("" if key in required else ", may be left out")
        lines.append(f"| `{key}` | {holds} | {unit(entry)} | {entry['description']} |")
    return "\n".join(lines)


def heading(name: str) -> str:
    """Return the heading of a mapping: `OutcomePart` is Outcome."""
    return name.removesuffix("Part")


def kind(entry: Schema) -> str:
    """Return what a field holds, in words."""
    forms: dict[str, Callable[[Any], str]] = {
        "$ref": lambda ref: link(heading(ref.rpartition("/")[2])),
        "anyOf": lambda options: " or ".join(map(kind, options)),
        "enum": lambda words: "one of " + ", ".join(f"`{word}`" for word in words),
        "const": str,
        "prefixItems": lambda items: "two: " + kind(items[0]),
        "items": lambda item: "list of " + (f"({kind(item)})" if "anyOf" in item else kind(item)),
        "additionalProperties": lambda item: "map to " + kind(item),
        "format": str,
        "type": lambda name: WORDS.get(name, name),
    }
    return next(say(entry[key]) for key, say in forms.items() if key in entry)


def link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def unit(entry: Schema) -> str:
    """Return what the numbers of a field count, wherever in it that stands."""
    inner = [
        *entry.get("anyOf", ()),
        *entry.get("prefixItems", ()),
        entry.get("items"),
        entry.get("additionalProperties"),
    ]
    units = (unit(one) for one in inner if isinstance(one, dict))
    return str(entry.get("unit") or next(filter(None, units), ""))


def mentioned(schema: Any) -> list[str]:
    """Return the mappings that a schema refers to, in order."""
    if isinstance(schema, list):
        return [name for one in schema for name in mentioned(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    return own + [name for one in schema.values() for name in mentioned(one)]


PAGES = {
    "README.md": Page({"summary": screen}, {}),
    "docs/commands.md": Page({"commands": commands}, {}),
    "docs/flywheel.md": Page({"section": section, "scenarios": scenarios}, {}),
    "docs/summary-format.md": Page({"fields": fields}, {"docs/summary.schema.json": schema}),
    "docs/validation.md": Page(
        {**dict.fromkeys((*RECORDS, "known", "refit"), backtest), "together": together}, {"README.md": readme}
    ),
    "docs/discover.md": Page({"discovery": discovery}, {"docs/discover.svg": boxes}),
    "docs/gallery.md": Page(
        {"scenarios": gallery},
        {
            "scenarios/answers.json": answers,
            **{f"docs/gallery/{name}.svg": partial(curves, name) for name in shipped_names()},
        },
    ),
    "docs/tutorial.md": Page(
        {
            "run": partial(step, 10, (0, 1)),
            "explain": partial(step, 8, (0, 3, 4)),
            "compare": partial(step, 12, (0, 2)),
            "whatif": partial(step, 8, (0,)),
            "own": partial(step, 12, (0, 2)),
        },
        {},
    ),
    "docs/tuning.md": Page(
        dict.fromkeys(("tuned", "compared", "tradeoff", "robust", "hardline"), rerun),
        {"docs/tuning-pareto.svg": picture},
    ),
}


def main() -> None:
    wanted = sys.argv[1:] or list(PAGES)
    if unknown := set(wanted) - set(PAGES):
        sys.exit(f"no page {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    for path in wanted:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (ROOT / path).write_text(rewritten(path, folder), encoding="utf-8")
            for file, write in PAGES[path].files.items():
                (ROOT / file).write_text(write("", folder), encoding="utf-8")


if __name__ == "__main__":
    main()
