"""Draws the scenes to train on: `python draw.py DRAWN --random 1..800 --named 10..19`.

Most are random scenes, of which no parameter is fixed; some are the named ones, so that those are among
what is learned. Scenes that are there already are not drawn again. The seeds in HELD are kept apart for
score.py; take seeds from 10 on for the named scenes, as tests use the lower ones.
"""

import argparse
import subprocess
from pathlib import Path

# Seeds that are kept apart, to score the planes on.
HELD = range(9001, 9100)

NAMED = (
    "clipped_typical clipped_dense clipped_light_hair clipped_grey clipped_dark_skin clipped_dry dirty "
    "blurred_noisy lowres unclipped_sparse unclipped_typical unclipped_dense empty_skin"
).split()

# Size of a named scene, px: a part of it is enough, and more scenes say more than larger ones.
NAMED_SIZE = "768x640"

# Scenes per call: a broken-off run loses no more than these.
CHUNK = 20


def seeds(text):
    first, last = map(int, text.split(".."))
    return range(first, last + 1)


def draw(program, folder, scene, wanted, *more):
    """Draws the seeds of a scene that are missing."""
    drawn = {int(path.name.split("_s")[-1].split(".")[0]) for path in folder.glob(f"{scene}*.truth.json")}
    missing = [seed for seed in wanted if seed not in drawn]
    while missing:
        # As many as follow one upon the other.
        count = next((k for k in range(1, len(missing)) if missing[k] != missing[0] + k), len(missing))
        part, missing = missing[: min(count, CHUNK)], missing[min(count, CHUNK) :]
        call = [program, "phantom", "--scene", scene, "--seeds", f"{part[0]}..{part[-1]}", "--scenery"]
        subprocess.run([*call, "--output", str(folder), *more], check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drawn", type=Path)
    parser.add_argument("--random", type=seeds, default=range(0), help="seeds of random scenes, FIRST..LAST")
    parser.add_argument("--named", type=seeds, default=range(0), help="seeds of every named scene, FIRST..LAST")
    parser.add_argument("--held", action="store_true", help="draw the scenes to score on instead")
    parser.add_argument("--vellus", default="vellus", help="the program [default: vellus]")
    args = parser.parse_args()
    args.drawn.mkdir(parents=True, exist_ok=True)
    random, named = (HELD[:60], HELD[:2]) if args.held else (args.random, args.named)
    for seed in (*random, *named):
        if (seed in HELD) != args.held:
            parser.error(f"seed {seed} is one of those kept apart")
    draw(args.vellus, args.drawn, "random", random)
    for scene in NAMED:
        draw(args.vellus, args.drawn, scene, named, "--size", NAMED_SIZE)


if __name__ == "__main__":
    main()
