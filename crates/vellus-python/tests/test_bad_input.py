"""What cannot be used is refused by an exception of vellus, in a sentence that says what to do."""

import numpy as np
import pytest
import vellus
from conftest import SAMPLES

CLIPPED = SAMPLES / "clipped.jpg"
GREY = np.full((64, 64), 128, np.uint8)


@pytest.mark.parametrize(
    "photo, words",
    [
        (None, "None is no photo"),
        ("", "empty"),
        (3, "3 is no photo"),
        (True, "True is no photo"),
        ({}, "no photo"),
        ("gone.jpg", "gone.jpg"),
        (SAMPLES, "folder"),
        ("a\0b.jpg", "null"),
        (b"", "empty"),
        (b"no photo at all", "photo"),
        (CLIPPED.read_bytes()[:2000], "photo"),
        (np.zeros((10, 10)), "float64"),
        (np.zeros((10, 10), np.float32), "float32"),
        (np.zeros((10, 10), np.int64), "int64"),
        (np.zeros((10, 10), bool), "bool"),
        (np.zeros((10, 10), complex), "complex128"),
        (np.zeros((10, 10), np.uint32), "uint32"),
        (np.array(["a"]), "no photo"),
        (np.array([None]), "object"),
        (np.zeros((0, 10), np.uint8), "(0, 10)|0, 10"),
        (np.zeros((10, 0, 3), np.uint8), "10, 0, 3"),
        (np.zeros((10,), np.uint8), "10"),
        (np.zeros((), np.uint8), "height, width"),
        (np.zeros((10, 10, 5), np.uint8), "10, 10, 5"),
        (np.zeros((10, 10, 3, 1), np.uint8), "10, 10, 3, 1"),
        ([[1.5, 2.5]], "float64"),
        ([], "float64"),
    ],
)
def test_photos(photo, words):
    with pytest.raises((vellus.InputError, vellus.PhotoError), match=words) as caught:
        vellus.measure(photo, um_per_px=5)
    assert isinstance(caught.value, vellus.VellusError)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"um_per_px": float("nan")}, "NaN"),
        ({"um_per_px": float("inf")}, "inf"),
        ({"um_per_px": 0}, "0 µm per pixel"),
        ({"um_per_px": -5}, "-5"),
        ({"um_per_px": True}, "True"),
        ({"um_per_px": "wide"}, "wide"),
        ({"um_per_px": "5,54"}, "5.54"),
        ({"um_per_px": [5]}, "give a number"),
        ({"um_per_px": (5, 3)}, "60 %"),
        ({"um_per_px": np.array([5.0, 6.0, 7.0])}, "give"),
        ({"um_per_px": 5, "field_width_mm": 3}, "one of them"),
        ({"field_width_mm": 0}, "0.05 and 1000"),
        ({"field_width_mm": float("nan")}, "0.05 and 1000"),
        ({"field_width_mm": "wide"}, "field_width_mm"),
        ({"protocol": {"vellus_limit": 40}}, "vellus_limit"),
        ({"protocol": {"vellus_limit_um": "forty"}}, "forty"),
        ({"protocol": {"vellus_limit_um": 4000}}, "4000"),
        ({"protocol": {"vellus_limit_um": float("nan")}}, "protocol"),
        ({"protocol": {"region": {"circle": {"centre_px": [1, 1], "radius_px": -1}}}}, "region"),
        ({"protocol": {1: {2, 3}}}, "protocol"),
        ({"protocol": "gone.toml"}, "gone.toml"),
        ({"protocol": 3}, "protocol"),
        ({"region": "circle:1,2"}, "circle:1,2"),
        ({"region": "gone.png"}, "gone.png"),
        ({"region": ["rect:0,0,9,9", "a=rect:0,0,9,9", "a=rect:9,9,9,9"]}, "'a'"),
        ({"region": {"a": 3}}, "region"),
        ({"region": 3}, "region"),
        ({"site": "gone.toml"}, "gone.toml"),
        ({"site": 3}, "site"),
        ({"corrections": "gone.corrections.json"}, "gone.corrections.json"),
        ({"corrections": 3}, "corrections"),
        ({"threads": 0}, "threads"),
        ({"threads": -1}, "threads"),
        ({"threads": 1.5}, "threads"),
        ({"threads": True}, "threads"),
    ],
)
def test_arguments(options, words):
    with pytest.raises(vellus.InputError, match=words) as caught:
        vellus.measure(CLIPPED, **options)
    assert isinstance(caught.value, ValueError)
    assert "error: " not in str(caught.value)


def test_a_mask_of_another_size():
    with pytest.raises(vellus.InputError, match=r"64 × 64 px, but the mask .*clipped.overlay.png has 700 × 560 px"):
        vellus.measure(GREY, um_per_px=5, region=SAMPLES / "clipped.overlay.png")


@pytest.mark.parametrize("baseline, follow_up", [(None, CLIPPED), ([], CLIPPED), (CLIPPED, []), ([CLIPPED, None], CLIPPED)])
def test_visits(baseline, follow_up):
    with pytest.raises(vellus.InputError):
        vellus.compare(baseline, follow_up, um_per_px=5)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: vellus.phantom("nowhere"), "nowhere"),
        (lambda: vellus.phantom(seed=-1), "seed"),
        (lambda: vellus.phantom(seed=1.5), "seed"),
        (lambda: vellus.phantom(seed=2**64), "seed"),
        (lambda: vellus.phantom(size=(10, 10)), "64 to 6000"),
        (lambda: vellus.phantom(size=3), "size"),
        (lambda: vellus.phantom(size=(2**40, 100)), "size"),
        (lambda: vellus.phantom_pair("nothing"), "nothing"),
        (lambda: vellus.schema("nothing"), "nothing"),
        (lambda: vellus.measure(GREY, um_per_px=5).page(language="fr"), "fr"),
        (lambda: vellus.measure(GREY).save_rois("rois.txt"), "rois.txt"),
    ],
)
def test_other_calls(call, words):
    with pytest.raises(vellus.InputError, match=words):
        call()


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "0 records"),
        (b"{", "no record"),
        (b"[]", "no record"),
        (b'{"schema": "vellus.measurement/2"}', "vellus.measurement/2"),
        (b'{"schema": "vellus.measurement/1"}', "missing field"),
        (b"\xff\xfe", "no text"),
        (None, "cannot be read"),
    ],
)
def test_records(tmp_path, content, words):
    path = tmp_path / "record.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(vellus.RecordError, match=words):
        vellus.read(path)


def test_a_record_of_another_photo_is_not_drawn(clipped):
    with pytest.raises(vellus.PhotoError, match="not the photo that was measured"):
        clipped.overlay(SAMPLES / "unclipped.jpg")
    with pytest.raises(vellus.VellusError, match="cannot be written"):
        clipped.save("no/such/folder/record.json")


def test_a_photo_that_carries_no_measurement_is_no_error():
    black = vellus.measure(np.zeros((200, 200, 3), np.uint8), um_per_px=5)
    assert black.quality.verdict == "fail" and black.summary.density_per_cm2 is None
    assert black.quality.findings[0].advice
