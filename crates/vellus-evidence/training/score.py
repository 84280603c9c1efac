"""Scores of the planes on drawn scenes that were kept apart: `python score.py WEIGHTS GRIDS`.

Per kind of scene, pooled over its scenes: precision and recall of axis pixels (within 2 px, 12 um),
of roots and of tips (within 8 px), intersection over union of the matte and of what is not scalp, median
error of direction (degrees) and of width (per cent).
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates, maximum_filter
from scipy.spatial import cKDTree

from planes import load, planes
from targets import STEPS, STORED

# An axis or an end counts from this probability on; how far from the truth it may lie, px of the output.
LEAST, AXIS_PX, END_PX = 0.35, 2.0, 8.0

COLUMNS = ("axis p", "axis r", "root p", "root r", "tip p", "tip r", "matte", "cover", "turn", "width")


def ridge(axis, cos2, sin2):
    """Pixels that are no lower than what lies one pixel to either side of the axis."""
    turn = 0.5 * np.arctan2(sin2, cos2)
    y, x = np.mgrid[: axis.shape[0], : axis.shape[1]]
    sides = [
        map_coordinates(axis, [y + s * np.cos(turn), x - s * np.sin(turn)], order=1, mode="nearest") for s in (-1, 1)
    ]
    return (axis >= np.maximum(*sides)) & (axis >= LEAST)


def near(points, others, reach):
    """How many of `points` lie within `reach` of one of `others`."""
    return int((distance_transform_edt(~others)[points] <= reach).sum()) if others.any() else 0


def spots(plane, least):
    top = (plane == maximum_filter(plane, 5)) & (plane >= least)
    return np.argwhere(top)


def matches(found, wanted):
    """Pairs of spots, each used once, nearest first."""
    if len(found) == 0 or len(wanted) == 0:
        return 0
    pairs = cKDTree(found).sparse_distance_matrix(cKDTree(wanted), END_PX)
    used_found, used_wanted = set(), set()
    for (i, j), _ in sorted(pairs.items(), key=lambda item: (item[1], item[0])):
        if i not in used_found and j not in used_wanted:
            used_found.add(i)
            used_wanted.add(j)
    return len(used_found)


def scene_sums(net, path):
    """What is summed over scenes."""
    with np.load(path) as file:
        photo, skin, stored = file["photo"], file["skin"], file["planes"].astype(np.float32) / STEPS
    want = dict(zip(STORED, stored))
    found = planes(net, photo, skin)
    counts = want["ignored"] < 0.5
    drawn, seen = (want["axis"] > 0.75) & counts, ridge(found["axis"], found["cos2"], found["sin2"]) & counts
    sums = {"axis p": (near(seen, want["axis"] > 0.75, AXIS_PX), seen.sum())}
    sums["axis r"] = (near(drawn, seen, AXIS_PX), drawn.sum())
    for name in ("root", "tip"):
        got = [p for p in spots(found[name], LEAST) if counts[tuple(p)]]
        true = spots(want[name], 0.75)
        hit = matches(got, true)
        sums[f"{name} p"], sums[f"{name} r"] = (hit, len(got)), (hit, len(true))
    for name, column in (("matte", "matte"), ("not_scalp", "cover")):
        a, b = (found[name] > 0.5) & counts, (want[name] > 0.5) & counts
        sums[column] = ((a & b).sum(), (a | b).sum())
    turn = 0.5 * np.degrees(np.arctan2(found["sin2"], found["cos2"]) - np.arctan2(want["sin2"], want["cos2"]))
    errors = {
        "turn": np.abs((turn[drawn] + 90) % 180 - 90),
        "width": 100 * np.abs(2 ** (found["width"] - 2 * want["width"])[drawn] - 1),
    }
    return sums, errors


def score(net, folder):
    """Rows of scores by kind of scene, and all together."""
    sums, errors = defaultdict(lambda: defaultdict(lambda: np.zeros(2))), defaultdict(lambda: defaultdict(list))
    for path in sorted(Path(folder).glob("[!.]*.npz")):
        one, wrong = scene_sums(net, path)
        for kind in (path.stem.rsplit("_s", 1)[0], "all"):
            for name, pair in one.items():
                sums[kind][name] += pair
            for name, values in wrong.items():
                errors[kind][name].append(values)
    rows = {}
    for kind in sorted(sums, key=lambda k: (k == "all", k)):
        row = {n: round(float(a / b), 3) if b else None for n, (a, b) in sums[kind].items()}
        for name, lists in errors[kind].items():
            values = np.concatenate(lists)
            row[name] = round(float(np.median(values)), 1) if len(values) else None
        rows[kind] = row
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("grids", type=Path)
    parser.add_argument("--json", type=Path, help="also write the scores here")
    args = parser.parse_args()
    rows = score(load(args.weights), args.grids)
    print("| scene |", " | ".join(COLUMNS), "|")
    print("|---|" + "---|" * len(COLUMNS))
    for kind, row in rows.items():
        print(f"| {kind} |", " | ".join("" if row[c] is None else str(row[c]) for c in COLUMNS), "|")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
