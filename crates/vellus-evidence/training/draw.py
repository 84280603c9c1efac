"""Draws the scenes to train on: `python draw.py DRAWN --random 1..800 --named 10..19 --grids GRIDS`.

Most are random scenes, of which no parameter is fixed; some are the named ones, so that those are among
what is learned. Scenes that are there already are not drawn again. The seeds in HELD are kept apart for
score.py; take seeds from 10 on for the named scenes, as tests use the lower ones. With --grids every scene is
turned into what train.py reads as soon as it is drawn, and the drawing is deleted.
"""

import argparse
import os
import random
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import targets

# Seeds that are kept apart, to score the planes on.
HELD = range(9001, 9100)

NAMED = (
    "clipped_typical clipped_dense clipped_light_hair clipped_grey clipped_dark_skin clipped_dry dirty "
    "blurred_noisy lowres unclipped_sparse unclipped_typical unclipped_dense empty_skin"
).split()

# Size of a named scene, px: a part of it is enough, and more scenes say more than larger ones.
NAMED_SIZE = "768x640"

# Scenes per call: a broken-off run loses no more than these.
CHUNK = 10


def seeds(text):
    first, last = map(int, text.split(".."))
    return range(first, last + 1)


def parts(folder, scene, wanted):
    """Runs of seeds of a scene that are missing, at most CHUNK long."""
    drawn = {int(path.name.split("_s")[-1].split(".")[0]) for path in folder.glob(f"{scene}*_s*.*")}
    found = []
    for seed in wanted:
        if seed in drawn:
            continue
        if found and found[-1][1] + 1 == seed and seed - found[-1][0] < CHUNK:
            found[-1][1] = seed
        else:
            found.append([seed, seed])
    return [(scene, first, last) for first, last in found]


def draw(program, folder, grids, scene, first, last):
    """Draws some seeds of a scene; one process uses one core."""
    into = folder / f".{scene}-{first}" if grids else folder
    size = [] if scene == "random" else ["--size", NAMED_SIZE]
    call = [program, "phantom", "--scene", scene, "--seeds", f"{first}..{last}", "--scenery", "--output", str(into), *size]
    subprocess.run(call, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "RAYON_NUM_THREADS": "1"})
    if grids:
        for path in sorted(into.glob("*.truth.json")):
            targets.convert(path, grids)
        for path in into.iterdir():
            path.unlink()
        into.rmdir()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drawn", type=Path)
    parser.add_argument("--random", type=seeds, default=range(0), help="seeds of random scenes, FIRST..LAST")
    parser.add_argument("--named", type=seeds, default=range(0), help="seeds of every named scene, FIRST..LAST")
    parser.add_argument("--held", action="store_true", help="draw the scenes to score on instead")
    parser.add_argument("--grids", type=Path, help="keep what train.py reads, in this folder, and not the drawings")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--vellus", default="vellus", help="the program [default: vellus]")
    args = parser.parse_args()
    random_seeds, named = (HELD[:60], HELD[:2]) if args.held else (args.random, args.named)
    for seed in (*random_seeds, *named):
        if (seed in HELD) != args.held:
            parser.error(f"seed {seed} is one of those kept apart")
    kept = args.grids or args.drawn
    for folder in (args.drawn, kept):
        folder.mkdir(parents=True, exist_ok=True)
    work = parts(kept, "random", random_seeds)
    for scene in NAMED:
        work += parts(kept, scene, named)
    # Mixed, so that training may start with the first of them.
    random.Random(1).shuffle(work)
    with ProcessPoolExecutor(args.processes) as pool:
        for task in [pool.submit(draw, args.vellus, args.drawn, args.grids, *part) for part in work]:
            task.result()


if __name__ == "__main__":
    main()
