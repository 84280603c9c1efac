"""Drawn scenes to training targets: `python targets.py DRAWN GRIDS` makes one GRIDS/NAME.npz per scene.

Each holds the photo on the grid of the network (`photo`, 8-bit), the light of its skin (`skin`), and what
the network shall answer (`planes`, on the same grid, steps of 1/STEPS): the planes of net.PLANES, and
`ignored`, where the answer does not count.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import cKDTree

import grid
from net import PLANES

STORED = (*PLANES, "ignored")
# int8 steps per unit; the width plane, log2 of -3 to 2, is halved to fit.
STEPS = 60

# Standard deviations of the profile of an axis and of the spot at an end, px of the output (6 um). Two
# hairs of 20 um that touch are 3.3 px apart.
AXIS_SIGMA, SPOT_SIGMA = 1.5, 2.5

# A hair whose contrast is under this, in 8-bit levels or in standard deviations of the noise of a pixel,
# cannot be seen by anyone; it is neither hair nor skin.
LEAST_LEVELS, LEAST_CNR = 2.5, 0.35

# How far from its end a shaft may come into view for the end to count, um.
END_UM = 60.0

# Supersampling of the matte.
FINE = 2


def scene_size(photo_px, um_per_px):
    """Size of the output for a photo, px."""
    return [round(side * um_per_px / grid.UM_PER_PX) for side in photo_px]


def to_output(points_px, um_per_px):
    """Photo px to px of the output, which is the grid of the input."""
    return (np.asarray(points_px, float) + 0.5) * um_per_px / grid.UM_PER_PX - 0.5


def runs(flags):
    """Index ranges [a, b) of the runs of true flags."""
    edges = np.flatnonzero(np.diff(np.r_[0, np.asarray(flags, int), 0]))
    return edges.reshape(-1, 2)


def ribbon(draw, line, radius, value):
    """Fills the area of a shaft, in pieces short enough not to cross themselves."""
    if len(line) < 2:
        return
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    side = np.c_[-tangent[:, 1], tangent[:, 0]] * radius[:, None]
    left, right = (line + side + 0.5) * FINE - 0.5, (line - side + 0.5) * FINE - 0.5
    for a in range(0, len(line) - 1, 6):
        b = min(a + 7, len(line))
        outline = np.r_[left[a:b], right[a:b][::-1]]
        draw.polygon([tuple(p) for p in outline], fill=value)


def spot(plane, centre, value=1.0):
    """Raises a plane to a Gaussian spot."""
    height, width = plane.shape
    reach = int(4 * SPOT_SIGMA) + 1
    x0, x1 = (int(np.clip(round(centre[0]) + d, 0, width)) for d in (-reach, reach + 1))
    y0, y1 = (int(np.clip(round(centre[1]) + d, 0, height)) for d in (-reach, reach + 1))
    if x0 < x1 and y0 < y1:
        x, y = np.arange(x0, x1) - centre[0], np.arange(y0, y1) - centre[1]
        bell = value * np.exp(-(x[None] ** 2 + y[:, None] ** 2) / (2 * SPOT_SIGMA**2))
        plane[y0:y1, x0:x1] = np.maximum(plane[y0:y1, x0:x1], bell)


def disc(plane, centre, radius, value=1.0):
    height, width = plane.shape
    y, x = np.ogrid[:height, :width]
    plane[(x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= radius**2] = value


def end(plane, ignored, line, visible, in_frame, step_um):
    """Marks the first vertex of a line that is in view; near misses are ignored."""
    if not in_frame:
        return
    seen = np.flatnonzero(visible)
    if len(seen) == 0:
        return
    if seen[0] * step_um <= END_UM:
        spot(plane, line[seen[0]])
    else:
        disc(ignored, line[0], 6.0)


def targets(truth, scenery):
    """The planes for one truth; `scenery` is the share of each pixel that is no scalp."""
    um = truth["um_per_px"]
    width, height = scene_size((truth["width_px"], truth["height_px"]), um)
    planes = {name: np.zeros((height, width), np.float32) for name in STORED}
    area = Image.new("L", (width * FINE, height * FINE))
    shade = Image.new("L", (width * FINE, height * FINE))
    fill, blot = ImageDraw.Draw(area), ImageDraw.Draw(shade)
    points, tangents, radii, counted = [], [], [], []
    for hair in truth["hairs"]:
        line = to_output(hair["polyline_px"], um)
        visible = np.array(hair["visible"], bool)
        radius = np.array(hair["vertex_diameter_um"]) / 2 / grid.UM_PER_PX
        step_um = hair["full_length_um"] / max(1, len(line) - 1)
        seen = hair["contrast_levels"] >= LEAST_LEVELS and hair["cnr"] >= LEAST_CNR
        counts = seen and not hair["loose"]
        for a, b in runs(visible):
            ribbon(fill if counts else blot, line[a:b], radius[a:b] + (0.0 if counts else 0.3), 255)
            along = np.arange(0, b - a - 1 + 1e-9, max(0.05, 0.4 / max(step_um / grid.UM_PER_PX, 1e-3)))
            at = a + along
            q = np.c_[np.interp(at, np.arange(len(line)), line[:, 0]), np.interp(at, np.arange(len(line)), line[:, 1])]
            if len(q) < 2:
                continue
            tangent = np.gradient(q, axis=0)
            points.append(q)
            tangents.append(np.arctan2(tangent[:, 1], tangent[:, 0]))
            radii.append(np.interp(at, np.arange(len(line)), radius))
            counted.append(np.full(len(q), counts))
        if not seen:
            for p, inside in ((line[0], hair["root_in_frame"]), (line[-1], hair["tip_in_frame"])):
                if inside:
                    disc(planes["ignored"], p, 6.0)
            continue
        if hair["loose"]:
            # Both ends of a cut hair look like tips; that it has no root is what tells it.
            end(planes["tip"], planes["ignored"], line, visible, hair["root_in_frame"], step_um)
        else:
            end(planes["root"], planes["ignored"], line, visible, hair["root_in_frame"], step_um)
        end(planes["tip"], planes["ignored"], line[::-1], visible[::-1], hair["tip_in_frame"], step_um)
    shares = [np.asarray(i.reduce(FINE), np.float32) / 255 for i in (area, shade)]
    planes["matte"] = shares[0]
    planes["ignored"] = np.maximum(planes["ignored"], (shares[1] > 0.02) & (shares[0] < 0.5))
    if points:
        points, tangents = np.concatenate(points), np.concatenate(tangents)
        radii, counted = np.concatenate(radii), np.concatenate(counted)
        y, x = np.mgrid[:height, :width]
        far = 16.0
        distance, nearest = cKDTree(points).query(np.c_[x.ravel(), y.ravel()], distance_upper_bound=far)
        near = np.isfinite(distance)
        nearest, distance = nearest[near], distance[near]
        flat = {name: plane.reshape(-1) for name, plane in planes.items()}
        flat["axis"][near] = np.exp(-(distance**2) / (2 * AXIS_SIGMA**2)) * counted[nearest]
        flat["cos2"][near], flat["sin2"][near] = np.cos(2 * tangents[nearest]), np.sin(2 * tangents[nearest])
        flat["width"][near] = np.log2(radii[nearest] * 2 * grid.UM_PER_PX / 64) / 2
    planes["not_scalp"] = scenery
    return np.stack([planes[name] for name in STORED])


def scenery_of(truth, path, size):
    """Share of each output pixel that is no scalp."""
    mask = Image.open(path).convert("L")
    return np.asarray(mask.resize(size, Image.Resampling.BOX), np.float32) / 255


def convert(truth_path, folder):
    """Writes the grid of one scene, unless it is there."""
    name = truth_path.name.removesuffix(".truth.json")
    target = folder / f"{name}.npz"
    if target.exists():
        return
    truth = json.loads(truth_path.read_text())
    photo = np.asarray(Image.open(truth_path.parent / truth["image"]).convert("RGB"))
    size = scene_size((truth["width_px"], truth["height_px"]), truth["um_per_px"])
    scenery = scenery_of(truth, truth_path.parent / f"{name}.scenery.png", tuple(size))
    planes = np.round(targets(truth, scenery) * STEPS).clip(-127, 127).astype(np.int8)
    photo = grid.resample(photo, truth["um_per_px"])
    half = folder / f".{name}.{os.getpid()}.npz"
    np.savez(half, photo=photo[: size[1], : size[0]], skin=grid.skin(photo), planes=planes)
    half.rename(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drawn", type=Path)
    parser.add_argument("grids", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()
    args.grids.mkdir(parents=True, exist_ok=True)
    scenes = sorted(args.drawn.glob("*.truth.json"))
    with ProcessPoolExecutor(args.processes) as pool:
        for path, task in [(p, pool.submit(convert, p, args.grids)) for p in scenes]:
            if error := task.exception():
                print(f"{path}: {error!r}")


if __name__ == "__main__":
    main()
