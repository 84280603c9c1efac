"""Trains the network: `python train.py GRIDS CHECKPOINTS --until 18:30`.

The learning rate falls along a cosine that ends at a time of day, however many steps that allows. A run
that was interrupted goes on from CHECKPOINTS/last.pt; one that starts anew may start from weights.
"""

import argparse
import copy
import datetime
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from crops import Crops
from net import PLANES, Net
from targets import AXIS_SIGMA, SPOT_SIGMA, STORED

BATCH = 8
RATE, LAST_RATE, WARM_UP = 2.5e-3, 2e-5, 150

# The average of the weights forgets over this many steps.
MEMORY = 700

# Shares of the losses; set so that none of them drowns the others in the first thousand steps.
SHARE = {"matte": 1.0, "axis": 2.0, "overlap": 0.5, "direction": 1.0, "root": 1.0, "tip": 1.0, "width": 0.5, "not_scalp": 3.0}


def focal(logit, target, weight, spot_area):
    """Quality focal loss (Li et al. 2020, arXiv:2006.04388) per spot: rare ends against much skin."""
    error = (torch.sigmoid(logit) - target).abs() ** 2
    loss = F.binary_cross_entropy_with_logits(logit, target, reduction="none") * error * weight
    return loss.sum() / ((target * weight).sum() / spot_area + len(logit))


def losses(output, answer):
    """The loss of each plane; `answer` holds the planes of targets.STORED."""
    out = dict(zip(PLANES, output.float().unbind(1)))
    want = dict(zip(STORED, answer.unbind(1)))
    counts = 1 - want["ignored"].clamp(0, 1)
    binary = F.binary_cross_entropy_with_logits

    def mean(values, weight):
        return (values * weight).sum() / weight.sum().clamp(min=1)

    matte, axis = want["matte"].clamp(0, 1), want["axis"].clamp(0, 1)
    found = {}
    found["matte"] = mean(binary(out["matte"], matte, reduction="none"), counts)
    # Between touching shafts the axis plane must fall; there an error weighs more than on bare skin, and so it
    # does on letters and lines, which are rare.
    cover = want["not_scalp"].clamp(0, 1)
    found["axis"] = mean(binary(out["axis"], axis, reduction="none"), counts * (1 + 4 * matte + 4 * cover))
    p = torch.sigmoid(out["axis"])
    found["overlap"] = 1 - (2 * (p * axis * counts).sum() + 1) / (((p**2 + axis**2) * counts).sum() + 1)
    near = counts * ((axis > 0.3) | (matte > 0.5))
    # Resampling shortens the vectors a little where directions change.
    length = torch.hypot(want["cos2"], want["sin2"])
    unit = near * (length > 0.7)
    scale = length.clamp(min=0.5)
    found["direction"] = mean(
        (out["cos2"] - want["cos2"] / scale).abs() + (out["sin2"] - want["sin2"] / scale).abs(), unit
    )
    spot_area = 2 * np.pi * SPOT_SIGMA**2
    for name in ("root", "tip"):
        found[name] = focal(out[name], want[name].clamp(0, 1), counts, spot_area)
    found["width"] = mean((out["width"] - 2 * want["width"]).abs(), counts * (axis > 0.4))
    # Captions hide hair: there, nothing else is ignored either.
    found["not_scalp"] = binary(out["not_scalp"], cover)
    return found


class Average:
    """Exponential average of the weights, which forgets faster in the beginning."""

    def __init__(self, net):
        self.net = copy.deepcopy(net).eval().requires_grad_(False)

    @torch.no_grad()
    def add(self, net, step):
        keep = min(1 - 1 / MEMORY, (1 + step) / (10 + step))
        for mine, new in zip(self.net.state_dict().values(), net.state_dict().values()):
            if mine.is_floating_point():
                mine.lerp_(new, 1 - keep)
            else:
                mine.copy_(new)


def moment(text):
    """The next time of day HH:MM."""
    hour, minute = map(int, text.split(":"))
    now = datetime.datetime.now()
    then = now.replace(hour=hour, minute=minute, second=0)
    return (then if then > now else then + datetime.timedelta(days=1)).timestamp()


def save(path, content):
    torch.save(content, half := path.with_suffix(".half"))
    os.replace(half, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grids", type=Path)
    parser.add_argument("checkpoints", type=Path)
    parser.add_argument("--until", type=moment, required=True, help="time of day HH:MM at which the rate is at its end")
    parser.add_argument("--weights", type=Path, help="start from these, with a fresh optimizer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    args.checkpoints.mkdir(parents=True, exist_ok=True)
    last, log = args.checkpoints / "last.pt", args.checkpoints / "log.jsonl"
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    net = Net().to(memory_format=torch.channels_last)
    if args.weights:
        net.load_state_dict(torch.load(args.weights, weights_only=True))
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    average, step, began = Average(net), 0, time.time()
    if last.exists():
        state = torch.load(last, weights_only=True)
        net.load_state_dict(state["net"])
        average.net.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, began = state["step"], state["began"]

    # A run that goes on must not see the same crops again.
    crops = DataLoader(Crops(args.grids, args.seed + step), BATCH, num_workers=1, prefetch_factor=6)
    mean, saved, logged = {}, time.time(), step
    for density, answer in crops:
        now = time.time()
        done = min(1.0, (now - began) / max(1.0, args.until - began))
        rate = LAST_RATE + (RATE - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP)
        with torch.autocast("cpu", torch.bfloat16):
            output = net(density.to(memory_format=torch.channels_last))
        parts = losses(output, answer)
        loss = sum(SHARE[name] * part for name, part in parts.items())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        step += 1
        average.add(net, step)
        for name, part in {"loss": loss, **parts}.items():
            mean.setdefault(name, []).append(part.item())
        if step - logged == 50:
            row = {"step": step, "seconds": round(now - began), "rate": float(f"{rate:.3g}")}
            row |= {name: round(float(np.mean(values)), 5) for name, values in mean.items()}
            with log.open("a") as file:
                print(json.dumps(row), file=file)
            mean, logged = {}, step
        if now - saved > 300 or done == 1.0:
            saved = now
            content = {"net": net.state_dict(), "average": average.net.state_dict()}
            save(last, content | {"optimizer": optimizer.state_dict(), "step": step, "began": began})
            save(args.checkpoints / "average.pt", average.net.state_dict())
        if done == 1.0:
            break


if __name__ == "__main__":
    main()
