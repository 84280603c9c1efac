#!/usr/bin/env python3
"""Holds today's scores against those recorded in ratchet.json; a fall by more than noise fails.

usage: ratchet.py scenes                              names of the recorded scenes, for the scorer
       ratchet.py check CLINIC.json PHANTOMS.json     exit 1 if a figure fell
       ratchet.py record CLINIC.json PHANTOMS.json    writes today's figures (raise them with every gain)
"""
import json
import pathlib
import sys

RECORD = pathlib.Path(__file__).with_name("ratchet.json")
# Noise: a scene of four photos has some 250 hairs, one hair more or less is 0.004; the clinic photos have 2,143.
NOISE = {"clinic": 0.004, "phantoms": 0.012}


def figures(clinic, phantoms):
    out = {"clinic": {k: round(json.load(open(clinic))["summary"][k], 4) for k in ("f1", "precision", "recall")}, "phantoms": {}}
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
    if sys.argv[1] == "scenes":
        print(",".join([*json.load(open(RECORD))["phantoms"], "empty_skin"]))
        return
    today = figures(*sys.argv[2:4])
    if sys.argv[1] == "record":
        RECORD.write_text(json.dumps(today, indent=1) + "\n")
        return
    before = json.load(open(RECORD))
    fallen = []
    for part, noise in NOISE.items():
        for name, was in before[part].items():
            now = today[part].get(name, 0.0)
            print(f"{part:9} {name:20} {was:.4f} -> {now:.4f}")
            if now < was - noise:
                fallen.append(f"{part} {name}: {was} -> {now}")
    was, now = before["empty_skin_false_per_cm2"], today["empty_skin_false_per_cm2"]
    print(f"false hairs per cm2 on empty skin: {was} -> {now}")
    if now > was + 0.6:
        fallen.append(f"empty skin: {was} -> {now} false hairs per cm2")
    if fallen:
        sys.exit("FALLEN:\n" + "\n".join(fallen))


if __name__ == "__main__":
    main()
