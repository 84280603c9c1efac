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
# True, false or unknown.
PERHAPS = {"in_common_area", "anagen"}
TEXT = {
    "photo", "baseline_photo", "follow_up_photo", "not_counted", "class", "polarity", "diameter_basis", "origin", "region", "fate",
    "match_source", "diameter_verdict", "baseline_class", "follow_up_class", "growth_not_told", "second_look",
}  # fmt: skip


def columns(kind: str, table: str) -> Columns:
    """Columns of a CSV text: float64 with NaN where nothing is known (and 1 or 0 for what is true, false or unknown), int64 and
    bool where something always is, text with "" for none. So a column has the same type in every table, whatever is in it."""
    rows = csv.reader(io.StringIO(table, newline=""))
    names = next(rows)
    cells = list(rows)
    return {name: _array(kind, name, [row[k] for row in cells]) for k, name in enumerate(names)}


def _array(kind: str, name: str, cells: list[str]) -> npt.NDArray[Any]:
    if name in TEXT:
        return np.array(cells, dtype=np.str_)
    if name in YES[kind]:
        return np.array([cell == "true" for cell in cells], dtype=np.bool_)
    if name in WHOLE[kind]:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    if name in PERHAPS:
        cells = [{"true": "1", "false": "0"}.get(cell, cell) for cell in cells]
    return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
