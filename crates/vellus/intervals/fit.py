#!/usr/bin/env python3
"""Fits how far a count and a diameter may be off to scalps drawn with known truth; writes src/sure/fitted.rs.

  fit.py draw VELLUS FOLDER [FIRST LAST]  draws scenes and measures them (an hour of two cores); goes on where it stopped
  fit.py fit FOLDER RUST_FILE             fits both models, prints coverage by five-fold cross-validation, writes the figures
  fit.py cover FOLDER                     how often the intervals that the program states hold the truth; a Markdown table

Needs numpy and scipy. Fitted on seeds 5001 to 5300 of "random" and every ninth of them of each named scene; nothing but
drawn scalps enters. The tables in the README are of seeds from 7001, by `cargo score`.
"""
import glob
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.optimize import minimize
from scipy.spatial import cKDTree

SCENES = ["clipped_easy", "clipped_typical", "clipped_dense", "clipped_dark_skin", "clipped_grey", "clipped_light_hair",
          "unclipped_sparse", "unclipped_typical", "clipped_dry", "dirty", "blurred_noisy", "lowres", "aperture"]
FIRST, LAST = 5001, 5300
FOLDS = 5
# What src/sure/mod.rs computes, in its order.
OF_COUNT = ["one", "opacity", "clear", "explained", "confidence", "few", "shine", "unsure", "unexplained", "width", "slender",
            "through"]
OF_WIDTH = ["one", "opacity", "clear", "width", "reading", "spread", "confidence", "slender", "crowded"]
# Largest bias and spread of the log of true over found hairs that the fit is trusted with: what drawn photos reach.
MOST_BIAS, MOST_SPREAD = 1.5, 2.0
# Ridge; from 0.1 to 1 the held-out likelihood hardly changes.
SHRINK = 0.3
# 1.96 and 0.95, as everywhere.
Z = 1.959964


def draw(vellus, folder, first=FIRST, last=LAST):
    os.makedirs(folder, exist_ok=True)
    jobs = [(s, n) for n in range(int(first), int(last) + 1) for s in ["random"] + (SCENES if n % 9 == 0 else [])]

    def one(job):
        scene, seed = job
        done = f"{folder}/m_{scene}_{seed}.json"
        if os.path.exists(done):
            return
        place = f"{folder}/d_{scene}_{seed}"
        quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([vellus, "phantom", "--scene", scene, "--seed", str(seed), "-o", place], **quiet, check=True)
        truth = glob.glob(f"{place}/*.truth.json")[0]
        photo = next(f for f in glob.glob(f"{place}/*") if not f.endswith(".json"))
        um = json.load(open(truth))["um_per_px"]
        subprocess.run([vellus, "measure", photo, "--um-per-px", str(um), "--threads", "1", "--json", done], **quiet)
        os.replace(truth, f"{folder}/t_{scene}_{seed}.json")
        os.remove(photo)
        os.rmdir(place)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, jobs))


def of_photo(m):
    """The figures of a photo; None where it was refused."""
    seen = m["quality"].get("appearance")
    if not seen or m["quality"]["verdict"] == "fail":
        return None
    counted = [h for h in m["hairs"] if h["counted"]]
    n = len(counted)
    confidence = np.mean([h["confidence"] for h in counted]) if n else 0.5
    blur = m["quality"]["blur_sigma_px"] or 1.1
    widths = [h["width_px"] for h in counted if h["width_px"]]
    slender = [h["length_px"] / max(h["width_px"], 0.5) for h in counted if h["width_px"]]
    width = np.median(widths) if widths else 6 * blur
    through = sum(h.get("not_counted") in ("passes_through", "root_outside_region") for h in m["hairs"])
    explained, dark, bright = seen["explained_fraction"], seen["dark_fraction"], seen["bright_fraction"]
    explained = 1.0 if explained is None else explained
    return {
        "one": 1.0,
        "opacity": min(seen["hair_opacity"], 1.0),
        "clear": np.log(np.clip(seen["hair_opacity"] / max(seen["texture_sd"], 0.005), 1, 100)),
        "explained": explained,
        "confidence": confidence,
        "few": np.log(n + 1),
        "shine": np.log(min(bright, 0.2) + 0.002),
        "unsure": np.log(1.02 - confidence),
        "unexplained": np.log((dark * (1 - explained) + bright + 0.001) / (dark + 0.005)),
        "width": np.log(np.clip(width / blur, 0.5, 30)),
        "slender": np.log(np.clip(np.median(slender) if slender else 8, 1, 60)),
        "through": np.log(1 + through / (n + 1)),
        "n": n,
        "blur": blur,
    }


def of_hair(hair, photo):
    width = max(hair["width_px"], 0.5)
    return {
        "one": 1.0,
        "opacity": photo["opacity"],
        "clear": photo["clear"],
        "width": np.log(np.clip(width / photo["blur"], 0.5, 30)),
        "reading": np.log(np.clip(hair["width_se_px"] / width, 1e-3, 1)),
        "spread": np.log(np.clip(hair["diameter_sd_um"] / hair["diameter_um"], 1e-2, 1)),
        "confidence": hair["confidence"],
        "slender": np.log(np.clip(hair["length_px"] / width, 1, 60)),
        "crowded": float(hair["diameter_basis"] in ("beside", "outline")),
    }


def true_count(truth):
    aperture = truth.get("aperture")

    def counts(h):
        if not h["root_in_frame"] or h.get("loose") or h.get("visible_fraction", 1) < 0.3:
            return False
        return not aperture or np.hypot(h["root_px"][0] - aperture[0], h["root_px"][1] - aperture[1]) <= aperture[2]

    return sum(counts(h) for h in truth["hairs"])


def hits(measurement, truth):
    """Pairs of a measured and a true hair on one course: most of the measured axis within half a width of the true one."""
    shafts = [h for h in truth["hairs"] if len(h["polyline_px"]) > 1]
    if not shafts:
        return
    points, owner = [], []
    for k, h in enumerate(shafts):
        line = np.array(h["polyline_px"])
        for a, b in zip(line[:-1], line[1:]):
            n = max(1, int(np.hypot(*(b - a)) / 2))
            for t in range(n):
                points.append(a + (b - a) * t / n)
                owner.append(k)
    tree, owner = cKDTree(np.array(points)), np.array(owner)
    best = {}
    for h in measurement["hairs"]:
        if not h["counted"] or not h["width_px"] or h["diameter_um"] is None:
            continue
        axis = np.array(h["centreline_px"])
        distance, at = tree.query(axis)
        near = distance < max(0.5 * h["width_px"], 2)
        if near.mean() < 0.7:
            continue
        k = np.bincount(owner[at[near]]).argmax()
        share = (owner[at[near]] == k).mean()
        if share > 0.7 and (k not in best or h["confidence"] > best[k]["confidence"]):
            best[k] = h
    for k, h in best.items():
        yield h, shafts[k]


def load(folder):
    counts, widths = [], []
    for file in sorted(glob.glob(f"{folder}/m_*.json")):
        other = file.replace("/m_", "/t_")
        if not os.path.exists(other):
            continue
        m, t = json.load(open(file)), json.load(open(other))
        photo = of_photo(m)
        if photo is None:
            continue
        name = os.path.basename(file)[2:-5]
        counts.append((name, photo, true_count(t)))
        um = t["um_per_px"]
        for hair, shaft in hits(m, t):
            widths.append((name, of_hair(hair, photo), hair["width_px"], shaft["diameter_um"] / um, photo["blur"]))
    return counts, widths


def fit(x, y, extra, shrink):
    """Linear mean and linear log standard deviation of y, with `extra` variance of each; Gaussian likelihood, ridge."""
    centre, scale = x.mean(0), x.std(0)
    centre[0], scale[0] = 0, 1
    scale[scale == 0] = 1
    z = (x - centre) / scale
    p = x.shape[1]

    def loss(w):
        mu, log_sd = z @ w[:p], np.clip(z @ w[p:], -6, 2)
        variance = np.exp(2 * log_sd) + extra
        rest = y - mu
        each = 0.5 * np.log(variance) + np.minimum(0.5 * rest**2 / variance, 8 + 0.05 * rest**2 / variance)
        return each.sum() + shrink * (w[1:p] ** 2).sum() + shrink * (w[p + 1:] ** 2).sum()

    start = np.zeros(2 * p)
    start[p] = np.log(y.std() + 1e-3)
    w = minimize(loss, start, method="L-BFGS-B").x
    # In the figures' own units.
    mean, spread = w[:p] / scale, w[p:] / scale
    mean[0] -= (w[1:p] * centre[1:] / scale[1:]).sum()
    spread[0] -= (w[p + 1:] * centre[1:] / scale[1:]).sum()
    return mean, spread


def sd_of(x, spread, extra):
    return np.sqrt(np.exp(2 * np.clip(x @ spread, -6, 2)) + extra)


def cross_validated(x, y, extra, shrink, group):
    """Held-out means and standard deviations; the photos of one fold stay together."""
    mean, sd = np.zeros(len(y)), np.zeros(len(y))
    for fold in range(FOLDS):
        out = group % FOLDS == fold
        a, b = fit(x[~out], y[~out], extra[~out], shrink)
        mean[out], sd[out] = x[out] @ a, sd_of(x[out], b, extra[out])
    return mean, sd


def cover(folder):
    rows = {}
    for file in sorted(glob.glob(f"{folder}/m_*.json")):
        other = file.replace("/m_", "/t_")
        if not os.path.exists(other):
            continue
        m, t = json.load(open(file)), json.load(open(other))
        scene = os.path.basename(file)[2:-5].rsplit("_", 1)[0]
        row = rows.setdefault(scene, {"refused": 0, "held": [], "half": [], "widths": []})
        if m["quality"]["verdict"] == "fail":
            row["refused"] += 1
            continue
        low, high = m["summary"]["hair_count_ci95"]
        true = true_count(t)
        row["held"].append(low - 0.5 <= true <= high + 0.5)
        row["half"].append((high - low) / 2 / max(m["summary"]["hair_count"], 1))
        for hair, shaft in hits(m, t):
            row["widths"].append(abs(hair["diameter_um"] - shaft["diameter_um"]) <= Z * hair["diameter_se_um"])
    rows["all"] = {
        k: sum((r[k] for r in rows.values()), 0 if k == "refused" else []) for k in ["refused", "held", "half", "widths"]
    }
    print("| scene | photos | refused | count interval holds | its half width | diameters | diameter interval holds |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for scene, r in rows.items():
        share = lambda v: f"{100 * np.mean(v):.0f} %" if v else "–"
        half = f"{100 * np.median(r['half']):.0f} %" if r["half"] else "–"
        print(f"| {scene} | {len(r['held']) + r['refused']} | {r['refused']} | {share(r['held'])} | {half} | {len(r['widths'])} "
              f"| {share(r['widths'])} |")


def main():
    if sys.argv[1] == "draw":
        return draw(*sys.argv[2:])
    if sys.argv[1] == "cover":
        return cover(sys.argv[2])
    counts, widths = load(sys.argv[2])
    names = sorted({c[0] for c in counts})
    group = {name: (i * 7919) % 10007 for i, name in enumerate(names)}
    x = np.array([[c[1][k] for k in OF_COUNT] for c in counts])
    found, truth = np.array([c[1]["n"] for c in counts]), np.array([c[2] for c in counts])
    # A hair more or less, a seventh of the time: no fit is surer than that.
    y, extra = np.log((truth + 1) / (found + 1)), 0.02 / (found + 1)
    g = np.array([group[c[0]] for c in counts])
    mean, sd = cross_validated(x, y, extra, SHRINK, g)
    # A bias that drawn scalps have may be none on another photo: it widens the interval and moves neither end inwards.
    mean, sd = np.clip(mean, -MOST_BIAS, MOST_BIAS), np.minimum(sd, MOST_SPREAD)
    off = np.maximum(y - np.maximum(mean, 0), np.minimum(mean, 0) - y) / sd
    # Held-out errors are not quite normal: the factor that makes 95 % of them fall within.
    factor = np.quantile(off, 0.95) / Z
    inside = off <= Z * factor
    low = (found + 1) * np.exp(np.minimum(mean, 0) - Z * factor * sd) - 1
    high = (found + 1) * np.exp(np.maximum(mean, 0) + Z * factor * sd) - 1
    print(f"count: {len(y)} photos, factor {factor:.2f}, held-out coverage {inside.mean():.3f}")
    for scene in ["random"] + SCENES:
        i = np.array([c[0].startswith(scene + "_") for c in counts])
        if i.any():
            half = np.median((high[i] - low[i]) / 2 / np.maximum(truth[i], 1))
            print(f"  {scene:20} {i.sum():4} covered {inside[i].mean():.2f} half width {half:.2f} found/true {found[i].sum()/max(1,truth[i].sum()):.2f}")
    a, b = fit(x, y, extra, SHRINK)
    xw = np.array([[w[1][k] for k in OF_WIDTH] for w in widths])
    yw = np.array([np.log(w[2] / w[3]) for w in widths])
    gw = np.array([group[w[0]] for w in widths])
    none = np.zeros(len(yw))
    wide_mean, wide_sd = cross_validated(xw, yw, none, SHRINK, gw)
    # The bias is not taken out: it is part of the error.
    error = np.sqrt(wide_sd**2 + wide_mean**2)
    wide_factor = np.quantile(np.abs(yw) / error, 0.95) / Z
    inside_w = np.abs(yw) <= Z * wide_factor * error
    print(f"width: {len(yw)} hairs, factor {wide_factor:.2f}, held-out coverage {inside_w.mean():.3f}, "
          f"median error {np.median(np.abs(np.expm1(yw))):.3f}, median stated {np.median(wide_factor*error):.3f}")
    for scene in ["random"] + SCENES:
        i = np.array([w[0].startswith(scene + "_") for w in widths])
        if i.any():
            print(f"  {scene:20} {i.sum():4} covered {inside_w[i].mean():.2f} bias {yw[i].mean():+.3f} spread {yw[i].std():.3f}")
    # What the widths of one photo have in common: the spread of the photos' means beyond what single hairs scatter.
    common = []
    for name in names:
        i = np.array([w[0] == name for w in widths])
        if i.sum() >= 5:
            common.append((yw[i].mean() ** 2 - yw[i].var() / i.sum()) / np.mean((wide_factor * error[i]) ** 2))
    shared = float(np.clip(np.mean(common), 0, 1))
    print(f"share of the variance that a photo's hairs have in common: {shared:.2f}")
    aw, bw = fit(xw, yw, none, SHRINK)
    write(sys.argv[3], a, b, factor, aw, bw, wide_factor, shared, len(y), len(yw))


def write(file, a, b, factor, aw, bw, wide_factor, shared, photos, hairs):
    def array(values):
        return "[" + ", ".join(f"{v:.4f}" for v in values) + "]"

    text = f"""//! Written by `intervals/fit.py` from {photos} drawn photos and {hairs} of their hairs. Do not edit.

/// Log of true over found hairs: its mean, by the figures of a photo in the order of [`super::of_photo`], …
pub const COUNT_MEAN: [f64; {len(a)}] =
    {array(a)};
/// … and the log of its standard deviation.
pub const COUNT_SPREAD: [f64; {len(b)}] =
    {array(b)};
/// What the standard deviation is multiplied by, so that 95 % of held-out photos fall within 1.96 of them.
pub const COUNT_FACTOR: f64 = {factor:.3f};
/// Log of the read over the true width: its mean, by the figures of a hair in the order of [`super::of_hair`], …
pub const WIDTH_MEAN: [f64; {len(aw)}] =
    {array(aw)};
/// … and the log of its standard deviation.
pub const WIDTH_SPREAD: [f64; {len(bw)}] =
    {array(bw)};
/// As [`COUNT_FACTOR`], for the widths of held-out photos.
pub const WIDTH_FACTOR: f64 = {wide_factor:.3f};
/// Share of the variance of widths that all hairs of a photo have in common.
pub const WIDTH_SHARED: f64 = {shared:.3f};
"""
    open(file, "w").write(text)


if __name__ == "__main__":
    main()
