"""Comparisons, series, phantoms and batches are those of the command line."""

import csv
import io
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import vellus
from conftest import SAMPLES

BEFORE, AFTER = SAMPLES / "baseline.jpg", SAMPLES / "follow_up.jpg"


@pytest.fixture(scope="module")
def change():
    return vellus.compare(BEFORE, AFTER, um_per_px=5)


def test_a_comparison_is_that_of_the_command_line(command, change):
    text = command("compare", BEFORE, AFTER, "--um-per-px", 5, "--json", "-")
    assert change.to_json() + "\n" == text
    density = change.change["density_per_cm2"]
    assert density.verdict == "increase" and density.difference == pytest.approx(density.follow_up - density.baseline, abs=0.01)
    assert change.baseline.image.path == str(BEFORE)
    assert change.overlay().ndim == 3 and "<img" in change._repr_html_()


def test_the_fates_are_the_columns_of_the_csv(command, change):
    rows = list(csv.DictReader(io.StringIO(command("compare", BEFORE, AFTER, "--um-per-px", 5, "--csv", "-"))))
    frame = pd.DataFrame(change.hairs)
    assert list(frame["fate"]) == [row["fate"] for row in rows]
    matched = frame[frame["fate"] == "matched"]
    assert len(matched) == len(change.to_dict()["matches"])
    assert [{"true": 1, "false": 0}[row["in_common_area"]] for row in rows if row["fate"] == "matched"] == list(matched["in_common_area"])
    assert change.fates["matched"].value == change.to_dict()["hairs"]["matched"]["value"]


def test_a_part_of_a_comparison_is_a_record_of_its_own(change):
    assert change.baseline.to_dict() == change.to_dict()["baseline"]
    assert len(change.baseline.hairs["id"]) == len(change.to_dict()["baseline"]["hairs"])


def test_repeat_photos_and_intervals(command):
    text = command("compare", "--baseline", BEFORE, BEFORE, "--follow-up", AFTER, AFTER, "--um-per-px", 5, "--json", "-")
    assert vellus.compare([BEFORE, BEFORE], [AFTER, AFTER], um_per_px=5).to_json() + "\n" == text
    text = command("compare", BEFORE, AFTER, "--um-per-px", 5, "--interval", "48h", "--json", "-")
    grown = vellus.compare(BEFORE, AFTER, um_per_px=5, interval_h=48)
    assert grown.to_json() + "\n" == text and grown.phototrichogram["interval_h"] == 48
    with pytest.raises(vellus.CompareError, match="13 h to 720 h"):
        vellus.compare(BEFORE, AFTER, um_per_px=5, interval_h=1)


def test_a_series_is_that_of_the_command_line(command):
    text = command("compare", BEFORE, AFTER, BEFORE, "--um-per-px", 5, "--json", "-")
    visits = vellus.series([BEFORE, AFTER, BEFORE], um_per_px=5)
    assert visits.to_json() + "\n" == text
    assert len(visits.comparisons) == 2 and len(visits.hairs["track"]) == 3 * len(visits.to_dict()["tracks"])


def test_other_sites_are_refused():
    other = vellus.phantom_pair("wrong", seed=3, size=(700, 560)).follow_up
    with pytest.raises(vellus.CompareError, match="do not show the same site"):
        vellus.compare(BEFORE, other.image, um_per_px=5)
    with pytest.raises(vellus.CompareError, match="at least"):
        vellus.series([BEFORE], um_per_px=5)


def test_a_phantom_is_that_of_the_command_line(command, tmp_path):
    command("phantom", "--scene", "clipped_typical", "--seed", 7, "--size", "320x240", "-o", tmp_path)
    drawn = vellus.phantom("clipped_typical", seed=7, size=(320, 240))
    assert drawn.file == (tmp_path / drawn.name).read_bytes()
    truth = (tmp_path / "clipped_typical_s7.truth.json").read_text()
    assert drawn.truth == json.loads(truth)
    command("phantom", "--pair", "regrowth", "--seed", 7, "--size", "320x240", "-o", tmp_path)
    pair = vellus.phantom_pair("regrowth", seed=7, size=(320, 240))
    assert pair.follow_up.file == (tmp_path / pair.follow_up.name).read_bytes()
    assert pair.truth == json.loads((tmp_path / "clipped_typical_regrowth_s7.truth.json").read_text())
    assert pair.baseline.image.dtype == np.uint8 and pair.baseline.um_per_px > 0
    assert "random" in vellus.scenes() and "regrowth" in vellus.pair_kinds()


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_batch_is_that_of_the_command_line(command, tmp_path):
    manifest = SAMPLES / "scale-out" / "samples.csv"
    command("batch", manifest, "-o", tmp_path / "cli", "--quiet")
    came = vellus.batch(manifest, tmp_path / "python")
    assert (came.rows, came.measured, came.failed, came.compared) == (4, 4, {}, 1)
    assert files(tmp_path / "cli/tables") == files(came.tables)
    assert files(tmp_path / "cli/photos") == files(tmp_path / "python/photos")
    for k in (1, 2):
        assert vellus.batch(manifest, tmp_path / f"part-{k}", shard=f"{k}/2", threads=1) is None
    merged = vellus.merge([tmp_path / "part-1", tmp_path / "part-2"], tmp_path / "merged")
    assert merged.rows == 4 and files(merged.tables) == files(came.tables)
    records = [record for path in sorted((tmp_path / "cli/photos").iterdir()) for record in vellus.read_all(path)]
    assert len(records) == 4 and all(isinstance(record, vellus.Measurement) for record in records)


def test_a_photo_that_fails_is_a_row(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "broken.jpg").write_bytes(b"no photo")
    (photos / "good.jpg").write_bytes(BEFORE.read_bytes())
    came = vellus.batch(photos, tmp_path / "out", um_per_px=5)
    assert came.failed == {"format": 1} and came.measured == 1
    assert len(pd.read_csv(came.tables / "photos.csv")) == 2
    with pytest.raises(vellus.InputError, match="other files"):
        vellus.batch(photos, photos, um_per_px=5)
    with pytest.raises(vellus.InputError, match="K/N"):
        vellus.batch(photos, tmp_path / "other", um_per_px=5, shard="two of three")
    with pytest.raises(vellus.InputError, match="cannot be read"):
        vellus.batch(tmp_path / "gone.csv", tmp_path / "other", um_per_px=5)
    with pytest.raises(vellus.BatchError):
        vellus.merge([tmp_path / "photos"], tmp_path / "other")


def test_a_batch_stops_at_ctrl_c_and_goes_on(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for k in range(12):
        (photos / f"{k:02}.jpg").write_bytes((SAMPLES / "clipped.jpg").read_bytes())
    code = (
        "import sys, vellus\n"
        "try:\n"
        "    vellus.batch(sys.argv[1], sys.argv[2], um_per_px=5, threads=1)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(42)\n"
    )
    working = subprocess.Popen([sys.executable, "-c", code, photos, tmp_path / "out"])
    records = tmp_path / "out/photos"
    while working.poll() is None and not list(records.glob("*.jsonl")):
        time.sleep(0.01)
    working.send_signal(signal.SIGINT)
    assert working.wait(60) == 42
    kept = len(list(records.glob("*.jsonl")))
    assert 1 <= kept < 12 and not (tmp_path / "out/tables/complete.json").exists()
    came = vellus.batch(photos, tmp_path / "out", um_per_px=5)
    assert (came.rows, came.measured) == (12, 12) and (came.tables / "complete.json").exists()
