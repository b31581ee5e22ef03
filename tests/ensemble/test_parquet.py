"""A file's name is a name: DuckDB takes neither patterns nor columns out of it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from escalation.ensemble.parquet import connect, copy_parquet, read_columns
from escalation.errors import InputError

NAMES = st.lists(
    st.text(st.sampled_from("[]*?!{}=~'\" ab-:"), min_size=1, max_size=6),
    min_size=1, max_size=4, unique=True,
)  # fmt: skip


@given(NAMES)
@example(["case[a]", "casea", "case*", "case?", "*", "**"])
@example(["b\\a", "ba"])
@example(["ba", "[!a]", "[[]", "{a,b}"])
@example(["row=7", "row=8/row=9", "~", "file:a", "s3:a", "it's"])
def test_the_rows_of_a_file_are_those_written_to_it_whatever_its_folders_are_called(names: list[str]) -> None:
    with TemporaryDirectory() as place, connect() as connection:
        files = [Path(place, name, "f.parquet") for name in names]
        for number, file in enumerate(files):
            file.parent.mkdir(parents=True, exist_ok=True)
            copy_parquet(connection, f"SELECT {number} AS row, 1 AS case", file)
        for number, file in enumerate(files):
            assert read_columns([file], ["row"])["row"].tolist() == [number]
        assert np.array_equal(read_columns(files, ["row"])["row"], np.arange(len(files)))


def test_a_name_that_no_pattern_matches_is_refused() -> None:
    with pytest.raises(InputError, match=r"b\\\[1\] has a backslash beside one of"):
        read_columns([Path("b\\[1]/f.parquet")], ["row"])
