"""The planes of any photo, and pictures of them: `python planes.py WEIGHTS FOLDER PHOTO[=UM_PER_PX] ...`."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import grid
from net import MULTIPLE, PLANES, Net


def load(path):
    net = Net().eval()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net


def pad(density):
    """Repeats the edge of an H x W x 3 input up to multiples of MULTIPLE, right and below."""
    more = [(0, -side % MULTIPLE) for side in density.shape[:2]]
    return np.pad(density, [*more, (0, 0)], mode="edge")


def planes(net, photo, skin=None):
    """Planes of a photo that is on the grid, by name; logits are turned into probabilities."""
    skin = grid.skin(photo) if skin is None else skin
    density = grid.density(grid.LINEAR[photo], skin).astype(np.float32)
    with torch.no_grad():
        output = net(torch.from_numpy(pad(density).transpose(2, 0, 1))[None])[0].numpy()
    height, width = photo.shape[:2]
    found = dict(zip(PLANES, output[:, :height, :width]))
    for name in ("matte", "axis", "root", "tip", "not_scalp"):
        found[name] = 1 / (1 + np.exp(-found[name]))
    return found


def picture(photo, found):
    """Photo; axis green, roots red, tips blue; matte red, what is not scalp blue, direction as colour."""
    height, width = found["axis"].shape
    small = photo[:height, :width]
    ends = np.stack([found["root"], 0.8 * found["axis"], found["tip"]], -1)
    sure = found["axis"][..., None]
    turn = np.arctan2(found["sin2"], found["cos2"])[..., None] + np.array([0, 2.1, 4.2])
    rest = np.stack([found["matte"], 0 * found["matte"], found["not_scalp"]], -1)
    tiles = [small, 255 * ends.clip(0, 1), 255 * rest.clip(0, 1), 255 * sure * (0.5 + 0.5 * np.cos(turn))]
    return np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])]).clip(0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("photos", nargs="+", help="PHOTO=UM_PER_PX")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    net = load(args.weights)
    for item in args.photos:
        path, _, um_per_px = item.rpartition("=")
        photo = grid.resample(np.asarray(Image.open(path).convert("RGB")), float(um_per_px))
        Image.fromarray(picture(photo, planes(net, photo))).save(args.folder / f"{Path(path).stem}.png")


if __name__ == "__main__":
    main()
