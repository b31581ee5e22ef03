"""What every mapping of a document shares, and what its numbers count."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """One mapping of the document: every key is known."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class Absent(Entry):
    """One mapping in which what cannot be said is left out."""


def unit(words: str) -> Any:
    """Return the annotation of what a number counts; it stands in the JSON Schema as `unit`."""
    return Field(json_schema_extra={"unit": words})


Whole = Annotated[int, Field(ge=0)]
Replications = Annotated[int, Field(ge=0, json_schema_extra={"unit": "replications"})]
Ratio = Annotated[float, Field(ge=0, json_schema_extra={"unit": "acts per act"})]
Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
Days = Annotated[float, unit("days")]
Own = Annotated[float, unit("the outcome's")]
Ends = tuple[float, float]
OwnEnds = Annotated[Ends, unit("the outcome's")]
RatioEnds = Annotated[Ends, unit("acts per act")]
Square = Annotated[list[list[float]], unit("acts per act")]
SquareEnds = Annotated[list[list[list[float | None]]], Field(min_length=2, max_length=2)]
Text = str
