"""Python and the command line give the same numbers, field by field, however a photo comes."""

import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import vellus
from conftest import SAMPLES
from PIL import Image

CLIPPED = SAMPLES / "clipped.jpg"


@pytest.mark.parametrize(
    "photo, options, arguments",
    [
        ("clipped.jpg", {"um_per_px": 5}, ["--um-per-px", "5"]),
        ("unclipped.jpg", {"um_per_px": "5.54±0.05", "threads": 1}, ["--um-per-px", "5.54±0.05"]),
        ("clipped.jpg", {"um_per_px": (5.54, 0.05)}, ["--um-per-px", "5.54±0.05"]),
        ("clipped.jpg", {}, []),
        ("clipped.jpg", {"field_width_mm": 3.5, "site": None}, ["--field-width-mm", "3.5", "--site", "none"]),
        (
            "clipped.jpg",
            {"um_per_px": 5, "region": {"left": "rect:0,0,350,560", "right": "rect:350,0,350,560"}},
            ["--um-per-px", "5", "--region", "left=rect:0,0,350,560", "--region", "right=rect:350,0,350,560"],
        ),
        (
            "clipped.jpg",
            {"um_per_px": 5, "region": "circle:350,280,200"},
            ["--um-per-px", "5", "--region", "circle:350,280,200"],
        ),
    ],
)
def test_the_record_is_that_of_the_command_line(command, photo, options, arguments):
    path = SAMPLES / photo
    text = command("measure", path, *arguments, "--json", "-")
    m = vellus.measure(str(path), **options)
    assert m.to_json() + "\n" == text
    record = json.loads(text)
    # Field by field: what the dataclasses have is what the record has.
    for name in ("image", "calibration", "region", "summary"):
        part = getattr(m, name)
        if part is None:
            assert record[name] is None
        else:
            for key, value in dataclasses.asdict(part).items():
                assert record[name][key] == value, (name, key)
    assert [finding["code"] for finding in record["quality"]["findings"]] == [f.code for f in m.quality.findings]
    assert m.quality.verdict == record["quality"]["verdict"]
    assert [part.name for part in m.regions] == [part["name"] for part in record.get("regions", [])]
    assert (m.protocol, m.software) == (record["protocol"], record["software"])
    assert set(record) - {"schema", "follicular_units"} <= {field.name for field in dataclasses.fields(m)}


def test_dataclasses_have_every_field_of_the_schema():
    schema = vellus.schema("measurement")

    def keys(name):
        return set(schema["$defs"][name]["properties"]) if name in schema["$defs"] else set(schema["properties"])

    def names(kind):
        return {field.name for field in dataclasses.fields(kind)}

    assert names(vellus.Summary) == keys("Summary")
    assert names(vellus.Calibration) == keys("Calibration")
    assert names(vellus.Region) == keys("Region")
    assert names(vellus.Finding) == keys("Finding")
    assert names(vellus.Quality) == keys("Quality")
    assert names(vellus.RegionSummary) == keys("RegionSummary")
    assert keys("ImageRecord") - names(vellus.Image) == {"colour_space"}


def test_a_protocol_is_a_dict_or_a_file(command, tmp_path):
    file = tmp_path / "protocol.toml"
    file.write_text("vellus_limit_um = 40.0\nmin_confidence = 0.5\n")
    text = command("measure", CLIPPED, "--um-per-px", 5, "--protocol", file, "--json", "-")
    assert vellus.measure(str(CLIPPED), um_per_px=5, protocol=file).to_json() + "\n" == text
    fields = {"vellus_limit_um": 40.0, "min_confidence": 0.5}
    assert vellus.measure(str(CLIPPED), um_per_px=5, protocol=fields).to_json() + "\n" == text
    assert vellus.protocol()["vellus_limit_um"] == 30.0


def test_a_site_file_counts_as_it_does_for_the_command_line(command, tmp_path):
    photo = tmp_path / "left.jpg"
    photo.write_bytes(CLIPPED.read_bytes())
    (tmp_path / "vellus.toml").write_text("um_per_px = 5.0\num_per_px_error = 0.02\n")
    text = command("measure", photo, "--json", "-")
    m = vellus.measure(photo)
    assert m.to_json() + "\n" == text
    assert m.calibration.source == "site_file"
    assert vellus.measure(photo, site=None).calibration is None
    (tmp_path / "vellus.toml").write_text("um_per_pxx = 5.0\n")
    with pytest.raises(vellus.InputError, match=r"(?s)um_per_pxx.*site=None"):
        vellus.measure(photo)


def test_corrections_are_found_by_the_content_of_the_photo(command, tmp_path, clipped):
    first = clipped.to_dict()["hairs"][0]
    file = tmp_path / "clipped.corrections.json"
    course = {"id": first["id"], "course_px": [first["root_px"], first["tip_px"]]}
    file.write_text(
        json.dumps(
            {
                "schema": "vellus.corrections/1",
                "image": {
                    "path": "clipped.jpg",
                    "width_px": clipped.image.width_px,
                    "height_px": clipped.image.height_px,
                    "content_hash": clipped.image.content_hash,
                },
                "software": clipped.software,
                "reader": "R1",
                "automatic_hairs": len(clipped.hairs["id"]),
                "corrections": [{"kind": "remove", "time": "2026-11-27T15:00:00Z", "before": [course], "after": []}],
            }
        )
    )
    text = command("measure", CLIPPED, "--um-per-px", 5, "--corrections", file, "--json", "-")
    m = vellus.measure(str(CLIPPED), um_per_px=5, corrections=file)
    assert m.to_json() + "\n" == text
    assert m.corrections["removed"] == 1
    assert vellus.measure(str(CLIPPED), um_per_px=5, corrections=[tmp_path]) == m
    with pytest.raises(vellus.InputError, match="another photo"):
        vellus.measure(SAMPLES / "unclipped.jpg", um_per_px=5, corrections=file)


def test_hairs_are_the_columns_of_the_csv(command, tmp_path, clipped):
    command("measure", CLIPPED, "--um-per-px", 5, "--quiet", "--csv", tmp_path / "hairs.csv")
    expected = pd.read_csv(tmp_path / "hairs.csv")
    frame = pd.DataFrame(clipped.hairs)
    assert list(frame.columns) == list(expected.columns)
    for name in expected.columns:
        if expected[name].isna().all():
            assert frame[name].isna().all() or (frame[name] == "").all(), name
        else:
            assert [a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(frame[name], expected[name], strict=True)], name
    assert frame["counted"].sum() == clipped.summary.hair_count
    mean = frame.loc[frame["counted"], "diameter_um"].mean()
    assert mean == pytest.approx(clipped.summary.mean_diameter_um, abs=1e-3)


def test_columns_keep_their_type_without_hair():
    empty = vellus.measure(np.full((200, 200, 3), 180, np.uint8), um_per_px=5)
    full = vellus.measure(SAMPLES / "clipped.jpg", um_per_px=5)
    assert len(empty.hairs["id"]) == 0 and empty.summary.hair_count == 0
    assert {name: column.dtype.kind for name, column in empty.hairs.items()} == {
        name: column.dtype.kind for name, column in full.hairs.items()
    }
    assert {name: column.dtype for name, column in empty.units.items()} == {
        name: column.dtype for name, column in full.units.items()
    }
    assert pl.DataFrame(empty.hairs).height == 0


def test_tables_of_several_photos_go_together(tmp_path):
    """One without hair, one whose hairs have no class and no region, one where they have: a column has one type in all."""
    photo = SAMPLES / "clipped.jpg"
    found = [
        vellus.measure(np.full((200, 200, 3), 180, np.uint8), um_per_px=5),
        vellus.measure(photo, site=None),
        vellus.measure(photo, um_per_px=5, region={"left": "rect:0,0,350,560", "right": "rect:350,0,350,560"}),
    ]
    rows = sum(len(m.hairs["id"]) for m in found)
    frames = [pl.DataFrame(m.hairs) for m in found]
    whole = pl.concat(frames)
    for frame in [*frames, whole]:
        frame.write_parquet(tmp_path / "hairs.parquet")
        frame.write_csv(tmp_path / "hairs.csv")
        assert frame.schema == whole.schema and frame.schema["region"] == frame.schema["class"] == pl.String
    assert whole.height == rows and {"left", "right", ""} <= set(whole["region"])
    assert pa.concat_tables([pa.table(m.hairs) for m in found]).num_rows == rows
    assert pd.concat([pd.DataFrame(m.hairs) for m in found])["class"].isna().sum() == 0
    pair = vellus.phantom_pair("null", size=(700, 560))
    changes = vellus.compare(pair.baseline.image, pair.follow_up.image, um_per_px=pair.baseline.um_per_px).hairs
    pl.DataFrame(changes).write_parquet(tmp_path / "changes.parquet")
    assert pl.read_parquet(tmp_path / "changes.parquet").schema["anagen"] == pl.Float64


def test_an_image_of_pillow_is_its_array():
    with Image.open(SAMPLES / "clipped.jpg") as image:
        of_image = vellus.measure(image, um_per_px=5)
        assert of_image == vellus.measure(np.asarray(image), um_per_px=5)
        assert vellus.measure(image.convert("L"), um_per_px=5).summary.hair_count > 0


def test_frames_take_the_numbers_without_a_copy(clipped):
    diameters = clipped.hairs["diameter_um"]
    frame = pd.DataFrame(clipped.hairs, copy=False)
    assert np.shares_memory(frame["diameter_um"].to_numpy(), diameters)
    table = pa.table(clipped.hairs)
    assert table["diameter_um"].chunk(0).buffers()[1].address == diameters.ctypes.data
    series = pl.DataFrame(clipped.hairs)["diameter_um"]
    assert series.to_list() == pytest.approx(diameters.tolist(), nan_ok=True)
    assert pl.DataFrame(clipped.hairs)["class"].to_list() == clipped.hairs["class"].tolist()


def test_centrelines_and_units_are_those_of_the_record(clipped):
    record = clipped.to_dict()
    for line, hair in zip(clipped.centrelines_px, record["hairs"], strict=True):
        assert line.shape == (len(hair["centreline_px"]), 2)
        assert line.tolist() == hair["centreline_px"]
    assert clipped.units["id"].tolist() == [unit["id"] for unit in record["follicular_units"]]
    assert clipped.units["hairs"].tolist() == [len(unit["hairs"]) for unit in record["follicular_units"]]


def test_an_array_is_measured_as_its_file(tmp_path):
    drawn = vellus.phantom("clipped_easy", seed=3, size=(400, 300))
    of_file = vellus.measure(drawn.file, um_per_px=drawn.um_per_px)
    of_path = vellus.measure(drawn.save(tmp_path), um_per_px=drawn.um_per_px)
    rgb = vellus.measure(drawn.image, um_per_px=drawn.um_per_px)
    assert drawn.image.shape == (300, 400, 3)
    for other in (of_path, rgb):
        assert other.to_dict()["hairs"] == of_file.to_dict()["hairs"]
    assert rgb.image.format == "pixels" and rgb.image.path is None
    assert of_path.image.path == str(tmp_path / drawn.name)

    # Views and byte orders: the same pixels, the same record.
    spaced = np.zeros((600, 400, 4), np.uint8)
    spaced[::2, :, :3] = drawn.image
    assert vellus.measure(spaced[::2, :, :3], um_per_px=drawn.um_per_px) == rgb
    assert vellus.measure(np.asfortranarray(drawn.image), um_per_px=drawn.um_per_px) == rgb
    assert vellus.measure(drawn.image[::-1][::-1], um_per_px=drawn.um_per_px) == rgb
    readonly = drawn.image.copy()
    readonly.flags.writeable = False
    assert vellus.measure(readonly, um_per_px=drawn.um_per_px) == rgb
    deep = drawn.image.astype(np.uint16) * 257
    native = vellus.measure(deep, um_per_px=drawn.um_per_px)
    assert native.image.bit_depth == 16
    assert vellus.measure(deep.astype(">u2"), um_per_px=drawn.um_per_px) == native
    grey = drawn.image[..., 1]
    assert vellus.measure(grey, um_per_px=5).to_dict()["hairs"] == (
        vellus.measure(np.repeat(grey[..., None], 3, axis=2), um_per_px=5).to_dict()["hairs"]
    )


def test_a_record_is_read_back(tmp_path, command, clipped):
    clipped.save(tmp_path / "clipped.json")
    assert (tmp_path / "clipped.json").read_text() == command("measure", CLIPPED, "--um-per-px", 5, "--json", "-")
    back = vellus.read(tmp_path / "clipped.json")
    assert back == clipped and hash(back) == hash(clipped)
    assert dataclasses.asdict(back.summary) == dataclasses.asdict(clipped.summary)
    # Only a line feed ends a line: U+2028 and U+0085 may be in a name.
    odd = tmp_path / "le\u2028ft\x85.jpg"
    odd.write_bytes(CLIPPED.read_bytes())
    of_odd = vellus.measure(odd, um_per_px=5, site=None)
    of_odd.save(tmp_path / "odd.json")
    assert vellus.read(tmp_path / "odd.json") == of_odd
    two = tmp_path / "two.jsonl"
    command("measure", CLIPPED, SAMPLES / "unclipped.jpg", "--um-per-px", 5, "--quiet", "--json", two)
    assert [m.image.path for m in vellus.read_all(two)] == [str(CLIPPED), str(SAMPLES / "unclipped.jpg")]
    with pytest.raises(vellus.RecordError, match="2 records"):
        vellus.read(two)


def test_a_result_goes_to_another_process(clipped):
    back = pickle.loads(pickle.dumps(clipped))
    assert back == clipped
    for name, column in clipped.hairs.items():
        assert back.hairs[name].dtype == column.dtype
    of_array = vellus.measure(np.full((64, 64), 128, np.uint8))
    assert len(pickle.dumps(of_array)) < 30_000
    with pytest.raises(vellus.PhotoError, match="give the photo again"):
        pickle.loads(pickle.dumps(of_array)).overlay()


def test_results_are_plain_and_cannot_be_changed(clipped):
    with pytest.raises(dataclasses.FrozenInstanceError):
        clipped.summary.hair_count = 3
    assert str(clipped).startswith(str(CLIPPED)) and "Hairs counted" in str(clipped)


def test_a_notebook_shows_picture_and_table(clipped, command, tmp_path):
    text = clipped._repr_html_()
    assert text.startswith("<img") and "data:image/jpeg;base64," in text and "Hairs counted" in text
    command("measure", CLIPPED, "--um-per-px", 5, "--quiet", "--overlay", tmp_path / "overlay.png")
    picture = vellus.measure(tmp_path / "overlay.png", um_per_px=5)
    assert clipped.overlay().shape == (picture.image.height_px, picture.image.width_px, 3)
    # The very pixels of the command line's picture.
    from vellus import _vellus

    assert (_vellus.pixels(str(tmp_path / "overlay.png")) == clipped.overlay()).all()
    gone = vellus.measure(tmp_path / "overlay.png", um_per_px=5)
    (tmp_path / "overlay.png").unlink()
    assert "<img" not in gone._repr_html_() and "No picture" in gone._repr_html_()
    command("measure", CLIPPED, "--um-per-px", 5, "--quiet", "--report", tmp_path / "page.html")
    assert clipped.page() == (tmp_path / "page.html").read_text()
