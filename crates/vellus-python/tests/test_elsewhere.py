"""Shafts in ImageJ, QuPath and napari, read back by programs that are not ours."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import vellus
from conftest import SAMPLES

HERE = Path(__file__).resolve().parents[1]


def test_imagej_reads_the_roi_set(command, tmp_path, clipped):
    roifile = pytest.importorskip("roifile")
    command("measure", SAMPLES / "clipped.jpg", "--um-per-px", 5, "--quiet", "--rois", tmp_path / "cli.zip")
    clipped.save_rois(tmp_path / "python.zip")
    assert (tmp_path / "cli.zip").read_bytes() == (tmp_path / "python.zip").read_bytes()
    rois = roifile.roiread(tmp_path / "cli.zip")
    assert len(rois) == len(clipped.hairs["id"])
    for k, roi in enumerate(rois):
        assert roi.roitype == roifile.ROI_TYPE.POLYLINE and roi.subpixelresolution
        assert roi.name == f"hair-{clipped.hairs['id'][k]:04}"
        assert np.allclose(roi.coordinates(), clipped.centrelines_px[k], atol=1e-3)
        width = clipped.hairs["width_px"][k]
        assert roi.float_stroke_width == pytest.approx(1.0 if np.isnan(width) else width, abs=1e-4)
        told = roi.properties
        if isinstance(told, str):
            told = dict(line.split(": ", 1) for line in told.splitlines())
        assert int(told["id"]) == clipped.hairs["id"][k]
        assert (str(told["counted"]).lower() == "true") == clipped.hairs["counted"][k]
        diameter = clipped.hairs["diameter_um"][k]
        assert ("diameter_um" not in told) if np.isnan(diameter) else float(told["diameter_um"]) == diameter


def test_qupath_reads_the_geojson(command, tmp_path):
    shapely = pytest.importorskip("shapely.geometry")
    regions = {"left": "rect:0,0,350,560", "right": "rect:350,0,350,560"}
    m = vellus.measure(SAMPLES / "clipped.jpg", um_per_px=5, region=regions)
    m.save_rois(tmp_path / "python.geojson")
    given = [part for name, shape in regions.items() for part in ("--region", f"{name}={shape}")]
    command("measure", SAMPLES / "clipped.jpg", "--um-per-px", 5, "--quiet", *given, "--rois", tmp_path / "cli.geojson")
    text = (tmp_path / "cli.geojson").read_text()
    assert text == (tmp_path / "python.geojson").read_text()
    features = json.loads(text)["features"]
    assert len(features) == len(m.hairs["id"])
    for k, feature in enumerate(features):
        line = shapely.shape(feature["geometry"])
        assert line.is_valid and line.geom_type == "LineString"
        assert line.length == pytest.approx(m.hairs["length_px"][k], rel=0.02, abs=0.5)
        # QuPath counts from the outer corner of the first pixel.
        assert np.allclose(np.array(line.coords) - 0.5, m.centrelines_px[k])
        named = feature["properties"].get("regions", [])
        assert "; ".join(named) == (m.hairs["region"][k] or "")


def test_the_snippet_for_napari_runs(tmp_path, monkeypatch):
    napari = pytest.importorskip("napari")
    from napari.components import ViewerModel

    readme = (HERE / "README.md").read_text()
    snippet = re.search(r"<!-- napari:begin -->\s*```python\n(.*?)```\s*<!-- napari:end -->", readme, re.DOTALL).group(1)
    (tmp_path / "left.jpg").write_bytes((SAMPLES / "clipped.jpg").read_bytes())
    monkeypatch.chdir(tmp_path)
    # The viewer without its window.
    monkeypatch.setattr(napari, "Viewer", ViewerModel)
    names = {}
    exec(compile(snippet, "README.md", "exec"), names)
    m, hairs = names["m"], names["hairs"]
    assert len(hairs.data) == len(m.hairs["id"]) > 0
    for shape, line in zip(hairs.data, m.centrelines_px, strict=True):
        assert np.allclose(shape, line[:, ::-1])
    assert set(hairs.shape_type) == {"path"}
    assert np.allclose(hairs.edge_width, np.nan_to_num(m.hairs["width_px"], nan=1.0))
    assert list(hairs.features["id"]) == m.hairs["id"].tolist()
    assert names["viewer"].layers[0].data.shape == (m.image.height_px, m.image.width_px, 3)


def test_the_guide_runs(tmp_path, monkeypatch):
    plt = pytest.importorskip("matplotlib")
    plt.use("Agg")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    exec(compile((HERE / "guide.py").read_text(), "guide.py", "exec"), names)
    density = names["density"].set_index("subject")
    assert len(density) == 5 and os.path.getsize("change-per-arm.png") > 10_000
    by_arm = names["arms"].mean()
    assert by_arm["treatment"] > by_arm["placebo"]
    # The truth is known: what was drawn as no change is claimed as none.
    placebo = density[density["arm"] == "placebo"]
    assert (placebo["verdict"] == "no change beyond measurement error").all()
    assert len(names["axes"].containers) == 2
