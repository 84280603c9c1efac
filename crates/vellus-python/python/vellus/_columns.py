"""Tables of the library as columns: each a NumPy array of one type, whatever is in it."""

from __future__ import annotations

import csv
import io
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Columns: TypeAlias = "dict[str, npt.NDArray[Any]]"

# What is in a column where it is no number with decimals, and never missing.
WHOLE = {"hairs": {"id"}, "changes": set(), "tracks": {"track", "visit"}}
YES = {"hairs": {"counted"}, "changes": set(), "tracks": {"found"}}
# What may be missing.
PERHAPS = {"in_common_area", "anagen"}
TEXT = {
    "photo", "baseline_photo", "follow_up_photo", "not_counted", "class", "polarity", "origin", "region", "fate", "match_source",
    "diameter_verdict", "baseline_class", "follow_up_class", "second_look",
}  # fmt: skip


def columns(kind: str, table: str) -> Columns:
    """Columns of a CSV text: float64 with NaN where nothing is known, int64 and bool where something always is, text (and what
    is true, false or unknown) as objects with None."""
    rows = csv.reader(io.StringIO(table, newline=""))
    names = next(rows)
    cells = list(rows)
    return {name: _array(kind, name, [row[k] for row in cells]) for k, name in enumerate(names)}


def _array(kind: str, name: str, cells: list[str]) -> npt.NDArray[Any]:
    if name in TEXT or name in PERHAPS:
        array = np.empty(len(cells), dtype=object)
        array[:] = [_known(name, cell) for cell in cells]
        return array
    if name in YES[kind]:
        return np.array([cell == "true" for cell in cells], dtype=np.bool_)
    if name in WHOLE[kind]:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)


def _known(name: str, cell: str) -> str | bool | None:
    if cell == "":
        return None
    return cell == "true" if name in PERHAPS else cell
