"""What cannot be used is refused by an exception of vellus, in a sentence that says what to do."""

import io

import numpy as np
import pytest
import vellus
from conftest import SAMPLES
from PIL import Image

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
        (np.ma.masked_equal(GREY, 3), "mask would be lost"),
        (Image.fromarray(GREY).convert("P"), r'mode P .*image.convert\("RGB"\)'),
        (Image.fromarray(GREY).convert("CMYK"), "mode CMYK"),
        (Image.fromarray(GREY).convert("RGB").convert("YCbCr"), "mode YCbCr"),
        (Image.fromarray(GREY).convert("RGB").convert("HSV"), "mode HSV"),
        (Image.fromarray(GREY).convert("RGB").convert("LAB"), "mode LAB"),
        (Image.fromarray(GREY).convert("1"), "mask"),
        (Image.fromarray(GREY).convert("F"), "float32"),
        (io.BytesIO(CLIPPED.read_bytes()), r"file.read\(\)"),
        ([CLIPPED, str(CLIPPED)], "several photos"),
        ([Image.fromarray(GREY)] * 2, "several photos"),
        ("a" * 5000 + ".jpg", "name too long"),
        ("\ud800.jpg", "half of a character"),
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
        ({"um_per_px": 10**400}, "too large"),
        ({"um_per_px": 1e300}, r"um_per_px is 1e\+300, which"),
        ({"um_per_px": "1e300"}, r"um_per_px is 1e\+300, which"),
        ({"um_per_px": (5, 10**400)}, "too large"),
        ({"um_per_px": "\ud800"}, "half of a character"),
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
        ({"threads": 2**70}, "1 to 1024"),
        ({"threads": 10**5000}, "1 to 1024"),
        ({"read_scale": "false"}, "read_scale is 'false'; give True or False"),
        ({"read_scale": None}, "read_scale"),
        ({"region": "\ud800"}, "half of a character"),
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
        (lambda: vellus.schema(None), "record is None; give a text"),
        (lambda: vellus.phantom(None), "scene is None"),
        (lambda: vellus.phantom_pair(None), "kind is None"),
        (lambda: vellus.compare(GREY, GREY, second_look="no"), "second_look is 'no'"),
        (lambda: vellus.batch(SAMPLES, "out", visits="baseline"), r"visits is 'baseline'; give a list, such as \['baseline'\]"),
        (lambda: vellus.batch(SAMPLES, "out", visits=[None]), "visits is None; give a text"),
        (lambda: vellus.batch(SAMPLES, "out", visits=None), "visits is None"),
        (lambda: vellus.batch(SAMPLES, "out", pattern=3), "pattern is 3"),
        (lambda: vellus.batch(SAMPLES, "out", shard=2), "shard is 2"),
        (lambda: vellus.merge("ab", "out"), "shards is 'ab'; give a list"),
        (lambda: vellus.merge(None, "out"), "shards is None"),
        (lambda: vellus.measure(GREY).page(language=None), "language is None"),
        (lambda: vellus.measure(GREY).save(""), "path is empty"),
        (lambda: vellus.measure(GREY).save("."), "is a folder"),
        (lambda: vellus.measure(GREY).save(None), "path is None"),
        (lambda: vellus.measure(GREY).save_rois(None), "path is None"),
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
    with pytest.raises(vellus.VellusError, match="cannot be written .*too long"):
        clipped.save("a" * 5000)


def test_an_array_may_be_no_larger_than_a_file():
    for photo in (GREY, vellus.phantom(size=(64, 64)).file):
        with pytest.raises(vellus.PhotoError, match="64 x 64 = 4096 pixels, but at most 4095 are decoded"):
            vellus.measure(photo, protocol={"decode": {"max_pixels": 4095}})
        with pytest.raises(vellus.PhotoError, match="decode.max_memory_bytes"):
            vellus.measure(photo, protocol={"decode": {"max_memory_bytes": 60 * 4096 - 1}})
        just = vellus.measure(photo, protocol={"decode": {"max_pixels": 4096, "max_memory_bytes": 60 * 4096}})
        assert just.overlay().shape == (64, 64, 3)


def test_a_photo_that_carries_no_measurement_is_no_error():
    black = vellus.measure(np.zeros((200, 200, 3), np.uint8), um_per_px=5)
    assert black.quality.verdict == "fail" and black.summary.density_per_cm2 is None
    assert black.quality.findings[0].advice
