#!/usr/bin/env python3
"""Holds today's scores against those recorded in ratchet.json; a fall by more than noise fails.

usage: ratchet.py third SHARED FOLDER                         links a fixed third of the material into FOLDER: CI scores that
       ratchet.py check CLINIC.json PHANTOMS.json PAIRS.json  exit 1 if a figure fell
       ratchet.py record CLINIC.json PHANTOMS.json PAIRS.json writes today's figures (raise them with every gain)

A pooled figure may fall by its noise, a single scene by OF_ONE_SCENE: scenes may trade among each other.
"""
import json
import pathlib
import sys

RECORD = pathlib.Path(__file__).with_name("ratchet.json")
# Every third clinic photo by name, and the scenes of this seed; of bare skin all, as one false hair there is a lot.
STEP, SEED, ALL_SEEDS = 3, 11, "empty_skin"
# Pairs of visits of that seed; those of long hair and of another scalp are held by tests.
PAIRS = ("pair_null", "pair_misaligned", "pair_regrowth", "pair_loss", "pair_growth")
# Noise: the clinic photos of the third have some 700 hairs, the scenes 1,300; one hair more or less is 0.0015 and 0.001.
CLINIC_NOISE, SCENES_NOISE, OF_ONE_SCENE, FALSE_PER_CM2_NOISE = 0.006, 0.006, 0.06, 0.6
# The five pairs have some 200 matches; one more or less is 0.005. One hair in one pair of 50 moves the mean error by 0.4 %.
MATCHED_NOISE, CHANGE_ERROR_NOISE = 0.015, 1.0


def third(shared, folder):
    marks = sorted((shared / "clinic").glob("*.marks.json"))[::STEP]
    truths = [p for p in (shared / "phantoms").glob("*.truth.json") if "same_scalp" not in json.load(open(p))]
    truths = [p for p in truths if f"_s{SEED}." in p.name or p.name.startswith(ALL_SEEDS)]
    pairs = [shared / "phantoms" / f"{name}_s{SEED}.truth.json" for name in PAIRS]
    for part, records in ("clinic", marks), ("phantoms", truths), ("pairs", pairs):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for record in records:
            whole = json.load(open(record))
            photos = [whole[visit]["image"] for visit in ("baseline", "follow_up")] if part == "pairs" else [whole.get("photo") or whole["image"]]
            for source in record, *(record.with_name(photo) for photo in photos):
                link = folder / part / source.name
                link.unlink(missing_ok=True)
                link.symlink_to(source.resolve())


def of_pairs(rows):
    """Mean size of the error of the change of density, % of the baseline, and the share of the matches that are one hair."""
    if any(r.get("failed") or r.get("refused") for r in rows) or len(rows) < len(PAIRS):
        return {"change_error_percent": 100.0, "matches_right": 0.0}
    right, wrong = (sum(r["match"][k] for r in rows) for k in ("correct", "wrong"))
    error = sum(abs(r["change"]["density_error_pct_of_baseline"]) for r in rows) / len(rows)
    return {"change_error_percent": round(error, 2), "matches_right": round(right / max(1, right + wrong), 4)}


def figures(clinic, phantoms, pairs):
    out = {"clinic": {k: round(json.load(open(clinic))["summary"][k], 4) for k in ("f1", "precision", "recall")}, "phantoms": {}, "pairs": of_pairs(json.load(open(pairs)))}
    rows = json.load(open(phantoms))
    for name in sorted({r["scenario"] for r in rows}):
        scene = [r for r in rows if r["scenario"] == name]
        if any(r.get("failed") for r in scene):
            out["phantoms"][name] = 0.0
            continue
        tp, fp, fn = (sum(r[k] for r in scene) for k in ("tp", "fp", "fn"))
        if name == "empty_skin":
            out["empty_skin_false_per_cm2"] = round(sum(r["false_per_cm2"] for r in scene) / len(scene), 2)
        else:
            out["phantoms"][name] = round(2 * tp / max(1, 2 * tp + fp + fn), 4)
    return out


def main():
    if sys.argv[1] == "third":
        third(*map(pathlib.Path, sys.argv[2:4]))
        return
    today = figures(*sys.argv[2:5])
    if sys.argv[1] == "record":
        RECORD.write_text(json.dumps(today, indent=1) + "\n")
        return
    before = json.load(open(RECORD))
    fallen = []

    def hold(name, was, now, noise):
        print(f"{name:24} {was:.4f} -> {now:.4f}")
        if now < was - noise:
            fallen.append(f"{name}: {was} -> {now}")

    for name, was in before["clinic"].items():
        hold(f"clinic {name}", was, today["clinic"][name], CLINIC_NOISE)
    scenes = {name: today["phantoms"].get(name, 0.0) for name in before["phantoms"]}
    for name, was in before["phantoms"].items():
        hold(name, was, scenes[name], OF_ONE_SCENE)
    hold("mean over the scenes", *(round(sum(f.values()) / len(f), 4) for f in (before["phantoms"], scenes)), SCENES_NOISE)
    hold("matches right", before["pairs"]["matches_right"], today["pairs"]["matches_right"], MATCHED_NOISE)
    was, now = before["pairs"]["change_error_percent"], today["pairs"]["change_error_percent"]
    print(f"error of the change of density, % of the baseline: {was} -> {now}")
    if now > was + CHANGE_ERROR_NOISE:
        fallen.append(f"pairs: {was} -> {now} % error of the change of density")
    was, now = before["empty_skin_false_per_cm2"], today["empty_skin_false_per_cm2"]
    print(f"false hairs per cm2 on empty skin: {was} -> {now}")
    if now > was + FALSE_PER_CM2_NOISE:
        fallen.append(f"empty skin: {was} -> {now} false hairs per cm2")
    if fallen:
        sys.exit("FALLEN:\n" + "\n".join(fallen))


if __name__ == "__main__":
    main()
