"""The records of what was measured, as dataclasses; their parts are in `_parts`.

Pixels: x right, y down; the centre of the top-left pixel is (0, 0).
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _options, _vellus
from ._columns import Columns, columns
from ._errors import InputError, PhotoError, VellusError
from ._parts import Calibration, Estimate, Finding, Image, Quality, QuantityChange, Region, RegionSummary, Summary, plain

#: Where the pixels of a photo come from, to draw on it later: a path, the bytes of a file, an array, or nothing.
Source = Any


@dataclass(frozen=True)
class _Record:
    """What every record can do. Two records are equal if their JSON is."""

    _text: str = field(repr=False)

    def to_json(self) -> str:
        """The record as the command line writes it with `--json`: one line, without the line feed at its end."""
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """The whole record as the JSON has it, by the schema that `vellus.schema()` gives; a new one at every call."""
        record: dict[str, Any] = json.loads(self._text)
        return record

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the record as JSON; `vellus.read` reads it back."""
        _write(path, (self._text + "\n").encode())

    def table(self) -> str:
        """The summary as text, as the command line prints it."""
        return _vellus.table(self._text)

    def __str__(self) -> str:
        return self.table()

    def __hash__(self) -> int:
        return hash(self._text)


def _write(path: str | os.PathLike[str], content: bytes) -> None:
    """A whole file, or none."""
    target = Path(_options.path("the path", path))
    if not target.name:
        raise InputError(f"{target} is a folder; give the path of a file")
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise VellusError(f"{target} cannot be written ({error.strerror}); check the path") from error


def _shown(picture: npt.NDArray[np.uint8] | None, table: str, note: str = "") -> str:
    """Picture and table for a notebook."""
    text = f'<pre style="line-height:1.25">{html.escape(table)}</pre>'
    if picture is None:
        return text + (f"<p>{html.escape(note)}</p>" if note else "")
    uri = base64.b64encode(_vellus.jpeg(picture)).decode()
    return f'<img style="max-width:100%" alt="the photo with every hair outlined" src="data:image/jpeg;base64,{uri}">{text}'


@dataclass(frozen=True, eq=False)
class Measurement(_Record):
    """What was measured on one photo."""

    image: Image
    """Which photo."""
    calibration: Calibration | None
    """The scale; None when none was given and none could be read."""
    region: Region
    """The part that was analysed."""
    quality: Quality
    """What the photo is good for, and every doubt."""
    summary: Summary
    """The numbers."""
    regions: tuple[RegionSummary, ...]
    """The numbers of each of several regions; empty where none or one was asked for."""
    hairs: Columns
    """A row per hair, counted or not, as columns: NumPy arrays of shape (hairs,). Names and values are those of
    `vellus measure --csv`: float64 with NaN where nothing is known, `id` int64, `counted` bool, text with "" for none.
    `pandas.DataFrame(m.hairs)`, `polars.DataFrame(m.hairs)` and `pyarrow.table(m.hairs)` take it as it is."""
    centrelines_px: list[npt.NDArray[np.float64]]
    """The axis of each hair, root first: arrays of shape (points, 2), x and y, px. In the order of `hairs`."""
    units: Columns
    """A row per follicular unit: `id`, `centre_x_px`, `centre_y_px`, `hairs` (how many)."""
    protocol: dict[str, Any]
    """Every parameter that can change a number, as it was used."""
    software: str
    """Version of vellus."""
    corrections: dict[str, Any] | None
    """What a reader corrected, as in the record; None where nobody did."""
    scale_marks: list[dict[str, Any]]
    """Scale marks that were read in the picture."""
    _source: Source = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Measurement) and self._text == other._text

    __hash__ = _Record.__hash__

    def overlay(self, photo: Source = None) -> npt.NDArray[np.uint8]:
        """The photo with every hair outlined: an array of shape (height, width, 3), uint8, RGB.

        `photo` is the photo again (path, bytes or array) where the record was read from a file or sent between processes."""
        return _vellus.measurement_overlay(self._text, _pixels(photo, self._source, self.image.path))

    def page(self, photo: Source = None, *, language: str = "en") -> str:
        """The page to show and to correct the hairs on, as HTML; `language` is en, de or hi."""
        language = _options.text("language", language)
        return _vellus.measurement_page(self._text, _pixels(photo, self._source, self.image.path), language)

    def save_rois(self, path: str | os.PathLike[str]) -> None:
        """Writes the shafts as an ImageJ RoiSet (.zip) or as GeoJSON for QuPath (.geojson)."""
        path = _options.path("the path", path)
        ending = Path(path).suffix.lower()
        if ending not in (".zip", ".geojson"):
            raise InputError(f"{os.fspath(path)}: ROIs are a RoiSet or GeoJSON; give a name that ends in .zip or .geojson")
        _write(path, _vellus.rois(self._text, ending[1:]))

    def to_napari(self) -> tuple[list[npt.NDArray[np.float64]], dict[str, Any], str]:
        """The shafts as a shapes layer of napari: `viewer.add_layer(napari.layers.Layer.create(*m.to_napari()))`.

        Paths are arrays of shape (points, 2) in napari's order, row then column, px; each is as wide as its shaft, and has the
        columns of `hairs` as features."""
        palette = {"terminal": "#56b4e9", "vellus": "#f0e442", "": "#5adcaa"}
        shades = [
            palette[kind] if counted else "#d7d7d7"
            for kind, counted in zip(self.hairs["class"].tolist(), self.hairs["counted"], strict=True)
        ]
        options = {
            "name": "hairs",
            "shape_type": "path",
            "edge_width": [float(width) for width in np.nan_to_num(self.hairs["width_px"], nan=1.0)],
            "edge_color": shades,
            "face_color": "transparent",
            "opacity": 0.6,
            "features": dict(self.hairs),
        }
        return [np.ascontiguousarray(line[:, ::-1]) for line in self.centrelines_px], options, "shapes"

    def _repr_html_(self) -> str:
        try:
            return _shown(self.overlay(), self.table())
        except VellusError as error:
            return _shown(None, self.table(), f"No picture: {error}")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_source": _portable(self._source)}


@dataclass(frozen=True, eq=False)
class Comparison(_Record):
    """What changed between two visits."""

    baseline: Measurement
    """The first visit; of replicates, the first photo."""
    follow_up: Measurement
    """The second visit; of replicates, the first photo."""
    change: dict[str, QuantityChange]
    """The quantities, over the skin that both photos show, by name with unit; those that could not be told are left out."""
    hairs: Columns
    """What became of each hair, a row each, as columns; names and values are those of `vellus compare --csv`;
    what is true, false or unknown is 1, 0 or NaN."""
    fates: dict[str, Estimate]
    """How many hairs were matched, gained, lost, thickened, thinned, …"""
    registration: dict[str, Any]
    """Where the photos overlap, as in the record: `baseline_to_follow_up`, `rms_residual_um`, `overlap_area_mm2`, …"""
    phototrichogram: dict[str, Any] | None
    """Growth; None unless an interval was given."""
    repeatability: dict[str, Any] | None
    """How well this site and operator repeat; None without replicates."""
    findings: tuple[Finding, ...]
    """Doubts about the comparison."""
    software: str
    """Version of vellus."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Comparison) and self._text == other._text

    __hash__ = _Record.__hash__

    def overlay(self, baseline: Source = None, follow_up: Source = None) -> npt.NDArray[np.uint8]:
        """Both photos side by side, in register, with what became of each hair: shape (height, width, 3), uint8, RGB."""
        return _vellus.comparison_overlay(self._text, *self._photos(baseline, follow_up))

    def page(self, baseline: Source = None, follow_up: Source = None, *, language: str = "en") -> str:
        """The page to show, as HTML; `language` is en, de or hi."""
        language = _options.text("language", language)
        return _vellus.comparison_page(self._text, *self._photos(baseline, follow_up), language)

    def _photos(self, baseline: Source, follow_up: Source) -> tuple[Source, Source]:
        before, after = self.baseline, self.follow_up
        return (
            _pixels(baseline, before._source, before.image.path),
            _pixels(follow_up, after._source, after.image.path),
        )

    def _repr_html_(self) -> str:
        try:
            return _shown(self.overlay(), self.table())
        except VellusError as error:
            return _shown(None, self.table(), f"No picture: {error}")


@dataclass(frozen=True, eq=False)
class Series(_Record):
    """What changed over more than two visits."""

    comparisons: tuple[Comparison, ...]
    """Every follow-up against the first visit."""
    hairs: Columns
    """A row per hair and visit, as columns; names and values are those of `vellus compare --csv`."""
    trends: list[dict[str, Any]]
    """Every quantity over the visits, as in the record."""
    software: str
    """Version of vellus."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Series) and self._text == other._text

    __hash__ = _Record.__hash__

    def _repr_html_(self) -> str:
        return _shown(None, self.table())


@dataclass(frozen=True, eq=False)
class Phantom:
    """A drawn photo whose truth is known."""

    name: str
    """Name of its file."""
    image: npt.NDArray[np.uint8]
    """Its pixels as the file gives them: shape (height, width, 3), uint8, RGB."""
    truth: dict[str, Any]
    """Every hair with its axis and its width, in px and µm."""
    file: bytes = field(repr=False)
    """The bytes of the file, as `vellus phantom` writes it."""

    @property
    def um_per_px(self) -> float:
        """Its scale, µm per px."""
        return float(self.truth["um_per_px"])

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes the photo into a folder that exists; gives its path."""
        path = Path(_options.path("folder", folder)) / self.name
        _write(path, self.file)
        return path


@dataclass(frozen=True, eq=False)
class PhantomPair:
    """Two drawn visits of one site."""

    baseline: Phantom
    """The first visit."""
    follow_up: Phantom
    """The second visit."""
    truth: dict[str, Any]
    """What changed, and the truth of both photos."""


@dataclass(frozen=True)
class BatchOutcome:
    """What a batch came to. The numbers are in the tables."""

    rows: int
    """Rows of the manifest."""
    measured: int
    """Rows with a measurement that carries numbers."""
    not_measurable: int
    """Rows whose photo was read but cannot carry a measurement."""
    failed: dict[str, int]
    """Rows that failed, by the reason."""
    compared: int
    """Follow-ups that were compared."""
    refused: int
    """Follow-ups that were refused."""
    doubts: tuple[str, ...]
    """What only all rows together show: swapped photos, duplicates, subjects with two arms."""
    tables: Path
    """The folder of the tables, as CSV and Parquet."""


def _portable(source: Source) -> Source:
    """What of a source goes along to another process: a path, but no pixels."""
    return source if isinstance(source, (str, os.PathLike)) else None


def _pixels(given: Source, kept: Source, path: str | None) -> Source:
    for source in (given, kept, path):
        if source is not None:
            return _options.photo(source)
    raise PhotoError("the pixels of this photo are not kept with the record; give the photo again")


def measurement(text: str, source: Source = None, record: dict[str, Any] | None = None) -> Measurement:
    """The dataclass of a measurement's JSON."""
    record = json.loads(text) if record is None else record
    quality = {**record["quality"], "findings": _findings(record["quality"]["findings"])}
    regions = tuple(
        RegionSummary(part["name"], plain(Region, part["region"]), plain(Summary, part["summary"]), part["hairs"])
        for part in record.get("regions", ())
    )
    units = record["follicular_units"]
    centres = np.array([unit["centre_px"] for unit in units], dtype=np.float64).reshape(-1, 2)
    return Measurement(
        _text=text,
        image=plain(Image, record["image"]),
        calibration=record["calibration"] and plain(Calibration, record["calibration"]),
        region=plain(Region, record["region"]),
        quality=plain(Quality, quality),
        summary=plain(Summary, record["summary"]),
        regions=regions,
        hairs=columns("hairs", _vellus.hairs_csv(text)),
        centrelines_px=[np.array(hair["centreline_px"], dtype=np.float64).reshape(-1, 2) for hair in record["hairs"]],
        units={
            "id": np.array([unit["id"] for unit in units], dtype=np.int64),
            "centre_x_px": np.ascontiguousarray(centres[:, 0]),
            "centre_y_px": np.ascontiguousarray(centres[:, 1]),
            "hairs": np.array([len(unit["hairs"]) for unit in units], dtype=np.int64),
        },
        protocol=record["protocol"],
        software=record["software"],
        corrections=record.get("corrections"),
        scale_marks=record.get("scale_marks", []),
        _source=source,
    )


def comparison(text: str, sources: tuple[Source, Source] = (None, None)) -> Comparison:
    """The dataclass of a comparison's JSON."""
    record = json.loads(text)
    change = {name: plain(QuantityChange, value) for name, value in record["change"].items() if value is not None}
    visits = [
        measurement(_dumped(record[name]), source, record[name])
        for name, source in zip(("baseline", "follow_up"), sources, strict=True)
    ]
    return Comparison(
        _text=text,
        baseline=visits[0],
        follow_up=visits[1],
        change=change,
        hairs=columns("changes", _vellus.changes_csv(text)),
        fates={name: plain(Estimate, value) for name, value in record["hairs"].items() if value is not None},
        registration=record["registration"],
        phototrichogram=record["phototrichogram"],
        repeatability=record["repeatability"],
        findings=_findings(record["findings"]),
        software=record["software"],
    )


def series(text: str, sources: tuple[Source, ...] = ()) -> Series:
    """The dataclass of a series' JSON."""
    record = json.loads(text)
    first, *later = sources or (None,) * (1 + len(record["comparisons"]))
    comparisons = tuple(
        comparison(_dumped(one), (first, source)) for one, source in zip(record["comparisons"], later, strict=True)
    )
    return Series(
        _text=text,
        comparisons=comparisons,
        hairs=columns("tracks", _vellus.tracks_csv(text)),
        trends=record["trends"],
        software=record["software"],
    )


def any_record(text: str) -> Measurement | Comparison | Series:
    """The dataclass of a record's JSON, checked."""
    text = _vellus.read(text)
    schema = json.loads(text)["schema"]
    if schema.startswith("vellus.measurement/"):
        return measurement(text)
    return comparison(text) if schema.startswith("vellus.comparison/") else series(text)


def _dumped(part: dict[str, Any]) -> str:
    """A part of a record as a record of its own, in the library's words."""
    return _vellus.read(json.dumps(part, ensure_ascii=False))


def _findings(given: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(plain(Finding, finding) for finding in given)
