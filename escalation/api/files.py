"""What is stored is opened and exported; runs, scenarios and results are drawn and reported as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, Unpack

from escalation.ensemble.read import Run
from escalation.ensemble.read import open_run as open_folder
from escalation.errors import InputError
from escalation.present.export import export_table
from escalation.present.output import (
    BriefForm,
    FileForm,
    PageForm,
    PictureForm,
    PictureName,
    RunTable,
    form_of,
    named,
    need_pictures,
    require_new,
    write,
)
from escalation.present.report.documents import as_docx, as_html
from escalation.present.studies import report_of
from escalation.study import studies
from escalation.study.execution import Options, require_texts, split
from escalation.study.finished import Finished
from escalation.study.source import Named, open_source, open_sources
from escalation.study.values import Result
from escalation.study.view import RunView, compared, view_of
from escalation.study.view import named as named_views

T = TypeVar("T")


def open(folder: str | Path) -> Run | Result:  # noqa: A001 - escalation.open, as gzip.open
    """Return the run, or the result of another study, that is stored in a folder. Raises InputError.

    The columns of a run are read when they are asked for, so that a large one opens at once.
    """
    return studies.open_result(Path(folder)) if studies.study_at(Path(folder)) else open_run(folder)


def open_run(folder: str | Path) -> Run:
    """Return the run stored in a folder; its columns are read when they are asked for. Raises InputError."""
    return open_folder(Path(folder))


def export(
    source: Run | Finished | Result | str | Path,
    file: str | Path,
    what: str | None = None,
    form: str | None = None,
    outcomes: Sequence[str] = (),
    replications: Sequence[tuple[int, int]] = (),
    overwrite: bool = False,
) -> None:
    """Write a stored run, or the result of another study, to a new file as one tidy table.

    Of a run, `what` is `outcomes` (unless given), `acts`, `causes`, `summary` or `hub`; `outcomes` are names
    or patterns (`package_days.*`), `replications` the first and the last of each range; all unless given.
    `form` is `csv`, `json`, `parquet` or `xlsx`, by the ending of `file` unless given; a workbook of a run
    holds its answers, outcomes, acts and inputs unless `what` names one table. Raises InputError when the
    file exists or the run does not hold what is wanted, EnvironmentFault when the file cannot be written.
    """
    if isinstance(source, Finished):
        source = source.stored()
    elif isinstance(source, str | Path):
        source = open(source)
    chosen = named(FileForm, "format", form) if form else form_of(FileForm, Path(file))
    if (ending := Path(file).suffix.removeprefix(".").lower()) in list(FileForm) and ending != chosen:
        raise InputError(
            f"{file}: its name ends in .{ending}, and the format is {chosen}; change one of them"
        )
    table = named(RunTable, "what", what) if what else None
    export_table(
        source, table, require_texts("outcomes", outcomes), tuple(replications), Path(file), chosen, overwrite
    )


def view(
    source: Named, replications: int | None = None, seed: int | None = None, **options: Unpack[Options]
) -> RunView:
    """Return all that can be drawn of a run, or of a scenario, which is played for it.

    A run is played again where a picture needs more than was stored. Raises InputError when every replication
    failed.
    """
    request, execution = split(options, replications=replications, seed=seed)
    return view_of(open_source(source, request), execution)


Shown = Named | RunView | Result
"""What has pictures: a run, a scenario to be played for them, or the result of another study."""


def plot(
    source: Shown | Sequence[Shown],
    file: str | Path,
    what: str = "fan",
    replications: int | None = None,
    seed: int | None = None,
    *,
    overwrite: bool = False,
    **options: Unpack[Options],
) -> str:
    """Draw a picture of a run (or of a scenario played for it) as a new file, .svg or .png; return its title.

    `what` is `fan`, `when`, `timeline`, `ladder`, `flywheel`, `tree`, or `forest`, which needs several runs;
    of several, what lies along time is laid over one another, and of the rest each has its own. Of another
    study all its pictures are drawn. Raises InputError where there is nothing to draw, EnvironmentFault
    without the extra `report`.
    """
    form, name = form_of(PictureForm, Path(file)), named(PictureName, "what", what)
    require_new(Path(file), overwrite)
    need_pictures()
    from escalation.present import charts  # noqa: PLC0415 - an extra

    shown = _shown(source, replications, seed, options)
    if isinstance(shown, Result):
        where = source if isinstance(source, str | Path) else shown.kind
        pictures, reason = charts.pictures_of(shown), f"{where}: too little is known to draw anything"
    elif name is PictureName.FOREST and len(shown) < 2:
        raise InputError("what forest: found one run; give two or more")
    else:
        pictures = charts.pictures_of_runs(named_views(shown), name)
        reason = f"{shown[0].name}: {charts.NOTHING.get(name, 'there is nothing to draw')}"
    if not pictures:
        raise InputError(reason)
    write(Path(file), charts.as_file(pictures, form), overwrite)
    return pictures[0].title


def report(
    source: Shown | Sequence[Shown],
    on_picture: Callable[[int], Any] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    *,
    out: str | Path | None = None,
    **options: Unpack[Options],
) -> str:
    """Return a report as one HTML page: of a run, of several compared with the first, of another study.

    Scenarios are played for it. The page holds no script and needs no other file; it is written to the new
    file `out` where that is named. `on_picture` is called with 1 for each picture that is drawn. Raises
    EnvironmentFault without the extra `report`.
    """
    need_pictures()
    if out is not None:
        form_of(PageForm, Path(out))
        require_new(Path(out))
    from escalation.present.report.runs import report_page  # noqa: PLC0415 - an extra

    shown = _shown(source, replications, seed, options)
    if isinstance(shown, Result):
        text = report_of(shown)
    else:
        text = as_html(report_page(shown, compared(shown)), on_picture)
    if out is not None:
        write(Path(out), text.encode())
    return text


def brief(
    source: Named | RunView | Sequence[Named | RunView],
    file: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    overwrite: bool = False,
    **options: Unpack[Options],
) -> None:
    """Write two pages about a run, or about two, as a new file: .html to be printed, or .docx.

    Scenarios are played for it. Raises EnvironmentFault without the extra `report`, or `office` for .docx.
    """
    form = form_of(BriefForm, Path(file))
    require_new(Path(file), overwrite)
    need_pictures(form)
    from escalation.present.report.brief import brief_page  # noqa: PLC0415 - an extra

    shown = _shown(source, replications, seed, options)
    if isinstance(shown, Result) or len(shown) > 2:
        what = f"a {shown.kind}" if isinstance(shown, Result) else f"{len(shown)} runs"
        raise InputError(f"brief: found {what}; allowed are one run or two")
    page = brief_page(named_views(shown), compared(shown))
    content = as_docx(page) if form is BriefForm.DOCX else as_html(page, paper=True).encode()
    write(Path(file), content, overwrite)


def _shown(
    source: Shown | Sequence[Shown], replications: int | None, seed: int | None, options: Options
) -> Result | list[RunView]:
    """Return the result of a study, or what can be shown of runs; scenarios are played for it."""
    shown: list[Shown] = several(source)
    if len(shown) == 1 and isinstance(shown[0], Result):
        return shown[0]
    if len(shown) == 1 and isinstance(shown[0], str | Path) and studies.study_at(Path(shown[0])):
        return studies.open_result(Path(shown[0]))
    request, execution = split(options, replications=replications, seed=seed)
    sources = iter(open_sources([one for one in shown if not isinstance(one, RunView | Result)], request))
    return [one if isinstance(one, RunView) else view_of(next(sources), execution) for one in shown]


def several(source: T | Sequence[T]) -> list[T]:
    """Return a list of what is named alone or in a list."""
    return list(source) if isinstance(source, list | tuple) else [source]  # type: ignore[list-item]
