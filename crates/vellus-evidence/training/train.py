"""Trains the network: `python train.py GRIDS CHECKPOINTS --minutes 180`.

The learning rate falls along a cosine over a time, however many steps that allows. A run that was interrupted goes
on from CHECKPOINTS/last.pt; one that starts anew may start from weights. An accelerator is used where there is one.
"""

import argparse
import copy
import json
import math
import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from crops import Store, batch
from net import PLANES, Net
from targets import AXIS_SIGMA, SPOT_SIGMA, STORED

RATE, LAST_RATE, WARM_UP = 2.5e-3, 2e-5, 150

# Steps between two lines of the log, and seconds between two savings.
EVERY, SAVE_SECONDS = 100, 60

# The average of the weights forgets over this many steps.
MEMORY = 700

# A fine hair weighs at most this many times a usual one.
FINEST = 4.0

# What lies this close to a shaft weighs as much as the shaft, px: 36 um.
BESIDE = 6

# Shares of the losses; set so that none of them drowns the others in the first thousand steps.
SHARE = {"matte": 1.0, "axis": 2.0, "overlap": 0.5, "direction": 1.0, "root": 0.35, "tip": 0.35, "width": 0.5, "not_scalp": 3.0}


def focal(logit, target, weight, spot_area):
    """Quality focal loss (Li et al. 2020, arXiv:2006.04388) per spot: rare ends against much skin."""
    error = (torch.sigmoid(logit) - target).abs() ** 2
    loss = F.binary_cross_entropy_with_logits(logit, target, reduction="none") * error * weight
    return loss.sum() / ((target * weight).sum() / spot_area + len(logit))


def around(plane):
    """The largest value within BESIDE px."""
    side = 2 * BESIDE + 1
    columns = F.max_pool2d(plane[:, None], (side, 1), 1, (BESIDE, 0))
    return F.max_pool2d(columns, (1, side), 1, (0, BESIDE))[:, 0]


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
    # On shafts and between them an error weighs more than on bare skin, and so it does on letters and lines, which
    # are rare. Beside an axis it weighs as much as on it: else what is not sure of an axis smears it.
    cover = want["not_scalp"].clamp(0, 1)
    # Fine hair has few pixels and little contrast: what a hair of 16 um says weighs four times what one of 64 um says.
    fine = around(torch.exp2(-2 * want["width"]).clamp(1, FINEST) * (axis > 0.2)).clamp(min=1)
    weight = counts * (1 + 4 * around(matte) + 4 * cover) * fine
    found["axis"] = mean(binary(out["axis"], axis, reduction="none"), weight)
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
    spot_area = 2 * math.pi * SPOT_SIGMA**2
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
        pairs = [p for p in zip(self.net.state_dict().values(), net.state_dict().values()) if p[0].is_floating_point()]
        self.mine, self.new = map(list, zip(*pairs))

    @torch.no_grad()
    def add(self, step):
        keep = min(1 - 1 / MEMORY, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.mine, self.new, 1 - keep)


def save(path, content):
    torch.save(content, half := path.with_suffix(".half"))
    os.replace(half, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grids", type=Path)
    parser.add_argument("checkpoints", type=Path)
    parser.add_argument("--minutes", type=float, required=True, help="how long until the rate is at its end")
    parser.add_argument("--weights", type=Path, help="start from these, with a fresh optimizer")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--scenes", type=int, default=1, help="wait until so many are there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    args.checkpoints.mkdir(parents=True, exist_ok=True)
    last, log = args.checkpoints / "last.pt", args.checkpoints / "log.jsonl"
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True

    net = Net().to(device, memory_format=torch.channels_last)
    if args.weights:
        net.load_state_dict(torch.load(args.weights, map_location=device, weights_only=True))
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3, fused=device.type == "cuda")
    average, step, spent = Average(net), 0, 0.0
    if last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        average.net.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]

    store = Store(args.grids, device)
    store.take(wait=args.scenes)
    # A run that goes on must not see the same crops again.
    generator = torch.Generator(device).manual_seed(args.seed + step)
    began, saved, logged = time.time() - spent, time.time(), step
    mean, done, seen = {}, 0.0, store.count
    while done < 1.0:
        now = time.time()
        done = min(1.0, (now - began) / (60 * args.minutes))
        rate = LAST_RATE + (RATE - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP)
        store.take()
        density, answer = batch(store, args.batch, generator)
        with torch.autocast(device.type, torch.bfloat16):
            output = net(density.to(memory_format=torch.channels_last))
        parts = losses(output, answer)
        loss = sum(SHARE[name] * part for name, part in parts.items())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        step += 1
        average.add(step)
        for name, part in {"loss": loss, **parts}.items():
            mean[name] = mean.get(name, 0.0) + part.detach()
        if step - logged == EVERY:
            row = {"step": step, "seconds": round(now - began), "rate": float(f"{rate:.3g}"), "scenes": store.count}
            row |= {name: round(float(total) / EVERY, 5) for name, total in mean.items()}
            with log.open("a") as file:
                print(json.dumps(row), file=file)
            mean, logged = {}, step
        if now - saved > SAVE_SECONDS or done == 1.0:
            saved = now
            content = {"net": net.state_dict(), "average": average.net.state_dict()}
            save(last, content | {"optimizer": optimizer.state_dict(), "step": step, "spent": now - began})
            save(args.checkpoints / "average.pt", average.net.state_dict())


if __name__ == "__main__":
    main()
