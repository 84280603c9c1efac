"""Scale marks read on photos that are not in the repository.

    python3 .ci/scale.py target/release/vellus ../shared

Measures a third of the clinic photos and of the independent phantoms (all with --all) by the scale that they show, and prints
how many bars were read within 1 % of the truth, and how many scales were invented. Skips what is not there. Exit code 1 below
the limits.
"""
import json
import subprocess
import sys
from pathlib import Path

WITHIN = 0.01


def scale(vellus, photo):
    """µm per px by the picture, and its source; None without."""
    # The scale is read from the whole photo; hair is not asked for, so that a region too small for any (exit code 1) will do.
    done = subprocess.run(
        [vellus, "measure", photo, "--site", "none", "--read-scale", "--region", "rect:0,0,9,9", "--quiet", "--json", "-"],
        capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    calibration = json.loads(done.stdout)["calibration"]
    return calibration and (calibration["um_per_px"], calibration["source"])


def is_bar(mark):
    """Whether a scene shows a bar; a ruler gives no scale, as its numbers are not read."""
    return bool(mark) and mark["kind"] == "bar"


def judge(vellus, name, photos, least_share):
    """Prints the figures of (photo, µm per px, whether it has a mark)."""
    read = wrong = invented = marked = 0
    for photo, truth, has_mark in photos:
        found = scale(vellus, photo)
        marked += has_mark
        if found and not has_mark:
            invented += 1
            print(f"  invented: {photo.name} {found}")
        elif found and abs(found[0] / truth - 1) <= WITHIN:
            read += 1
        elif found:
            wrong += 1
            print(f"  wrong: {photo.name} {found}, true {truth}")
        elif has_mark:
            print(f"  not read: {photo.name}")
    print(f"{name}: {read} of {marked} marks within 1 %, {wrong} wrong, {invented} invented in {len(photos) - marked}")
    return read >= least_share * marked and not wrong and not invented


def main():
    vellus, shared = sys.argv[1], Path(sys.argv[2])
    step = 1 if "--all" in sys.argv else 3
    right = True
    clinic = shared / "clinic"
    if clinic.is_dir():
        photos = []
        for file in sorted(clinic.glob("*.marks.json"))[::step]:
            marks = json.loads(file.read_text())
            photos.append((clinic / marks["photo"], marks["um_per_px"], bool(marks["scale_bar"])))
        right &= judge(vellus, "clinic", photos, 20 / 22)
    else:
        print("skipped: no clinic photos")
    phantoms = shared / "phantoms"
    if phantoms.is_dir():
        photos = []
        for file in sorted(phantoms.glob("*.truth.json"))[::step]:
            truth = json.loads(file.read_text())
            if "um_per_px" in truth and "image" in truth:
                photos.append((phantoms / truth["image"], truth["um_per_px"], is_bar(truth.get("scale_mark"))))
        right &= judge(vellus, "phantoms", photos, 0.9)
    else:
        print("skipped: no phantoms")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
