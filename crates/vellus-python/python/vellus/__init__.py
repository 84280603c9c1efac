"""Counts the hair shafts on a standardised scalp photo and measures how thick each of them is.

    import vellus
    m = vellus.measure("left.jpg", um_per_px=5.54)
    m.summary.hair_count, m.summary.mean_diameter_um
    pandas.DataFrame(m.hairs)

The numbers are those of the command line, bit for bit. While a photo is measured, Python's other threads run. Names end in
their unit; pixels are x right, y down, and the centre of the top-left pixel is (0, 0).

vellus measures photos. It is not a medical device and makes no diagnosis.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import _options, _records, _vellus
from ._columns import Columns
from ._errors import BatchError, CompareError, InputError, PhotoError, RecordError, VellusError
from ._options import PathLike
from ._parts import Calibration, Estimate, Finding, Image, Quality, QuantityChange, Region, RegionSummary, Summary
from ._records import BatchOutcome, Comparison, Measurement, Phantom, PhantomPair, Series

__all__ = [
    "BatchError",
    "BatchOutcome",
    "Calibration",
    "Columns",
    "CompareError",
    "Comparison",
    "Estimate",
    "Finding",
    "Image",
    "InputError",
    "Measurement",
    "Phantom",
    "PhantomPair",
    "PhotoError",
    "Quality",
    "QuantityChange",
    "RecordError",
    "Region",
    "RegionSummary",
    "Series",
    "Summary",
    "VellusError",
    "batch",
    "compare",
    "measure",
    "merge",
    "pair_kinds",
    "phantom",
    "phantom_pair",
    "protocol",
    "read",
    "read_all",
    "scenes",
    "schema",
    "series",
]

__version__: str = _vellus.VERSION


def measure(
    photo: Any,
    *,
    um_per_px: float | str | tuple[float, float] | None = None,
    field_width_mm: float | None = None,
    read_scale: bool = False,
    site: PathLike | None = "nearest",
    protocol: PathLike | dict[str, Any] | None = None,
    region: Any = None,
    corrections: Any = None,
    threads: int | None = None,
) -> Measurement:
    """Measures every hair on a photo.

    Parameters
    ----------
    photo
        The path of a JPEG, PNG, TIFF, BMP, GIF, WebP or DICOM file; the bytes of one; or an upright array, sRGB, uint8 or uint16
        over the full range, of shape (height, width) or (height, width, channels): 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
        It may be a view that is not contiguous, and anything that `numpy.asarray` takes.
    um_per_px
        Length of a pixel on the scalp, µm: 5.54, or with its standard error "5.54±0.03" or (5.54, 0.03); without, 1 % is
        assumed. Default: the site file's, the protocol's, DICOM's; with none, counts and pixels only.
    field_width_mm
        The scale as the width of scalp that the photo shows, mm; instead of `um_per_px`.
    read_scale
        Use the scale that the picture or the file shows where none is given. Look at the mark.
    site
        Site file with scale, region and protocol of a device. Default "nearest": vellus.toml in the folder of the photo or the
        nearest above, for paths; None: none.
    protocol
        Path of a protocol file, or a dict of the fields that are not as `vellus.protocol()` has them.
    region
        Part that is analysed, px: "whole", "rect:X,Y,WIDTH,HEIGHT", "circle:X,Y,RADIUS", "polygon:X,Y,X,Y,…", or the path of a
        mask image or of GeoJSON. A list, or a dict by name, is several: see `Measurement.regions`.
    corrections
        What a reader corrected: the path of a NAME.corrections.json, or of a folder of them, or a list.
    threads
        Threads of this call's own; no number depends on it. Default: one per core, shared by all calls. Workers of dask, Ray
        or multiprocessing are best given 1.

    Raises
    ------
    InputError
        An argument cannot be used.
    PhotoError
        The photo cannot be read. One that cannot carry a measurement is none: its `quality.verdict` is "fail".
    """
    given = _options.photo(photo)
    asked = _options.options(
        um_per_px=um_per_px,
        field_width_mm=field_width_mm,
        read_scale=read_scale,
        site=site,
        protocol=protocol,
        region=region,
        corrections=corrections,
        threads=threads,
    )
    return _records.measurement(_vellus.measure(given, asked), given)


def compare(
    baseline: Any,
    follow_up: Any,
    *,
    um_per_px: float | str | tuple[float, float] | None = None,
    field_width_mm: float | None = None,
    read_scale: bool = False,
    site: PathLike | None = "nearest",
    protocol: PathLike | dict[str, Any] | None = None,
    corrections: Any = None,
    interval_h: float | None = None,
    second_look: bool = True,
    threads: int | None = None,
) -> Comparison:
    """Tells what changed between photos of one site at two visits.

    Parameters
    ----------
    baseline, follow_up
        A photo each, as `measure` takes it; or a list of repeat photos of that visit, which measure the error at this site.
    interval_h
        Time between two photos of hair that was clipped before the first, h, 13 to 720: a phototrichogram.
    second_look
        Look again for hairs that only one photo shows. Without, for validation only.

    The others are those of `measure`.

    Raises
    ------
    CompareError
        The photos do not show the same site, or carry no measurement.
    InputError, PhotoError
        As of `measure`.
    """
    visits = [_options.photos("baseline", baseline), _options.photos("follow_up", follow_up)]
    asked = _options.options(
        um_per_px=um_per_px,
        field_width_mm=field_width_mm,
        read_scale=read_scale,
        site=site,
        protocol=protocol,
        corrections=corrections,
        threads=threads,
    )
    hours = None if interval_h is None else _options._number("interval_h", interval_h)
    text = _vellus.compare(visits[0], visits[1], asked, hours, _options.flag("second_look", second_look))
    return _records.comparison(text, (visits[0][0], visits[1][0]))


def series(
    photos: list[Any],
    *,
    um_per_px: float | str | tuple[float, float] | None = None,
    field_width_mm: float | None = None,
    read_scale: bool = False,
    site: PathLike | None = "nearest",
    protocol: PathLike | dict[str, Any] | None = None,
    corrections: Any = None,
    second_look: bool = True,
    threads: int | None = None,
) -> Series:
    """Tells what changed over the visits of a site, one photo each, the first being the baseline.

    Parameters and exceptions are those of `compare`.
    """
    given = _options.photos("photos", photos)
    asked = _options.options(
        um_per_px=um_per_px,
        field_width_mm=field_width_mm,
        read_scale=read_scale,
        site=site,
        protocol=protocol,
        corrections=corrections,
        threads=threads,
    )
    return _records.series(_vellus.series(given, asked, _options.flag("second_look", second_look)), tuple(given))


def phantom(scene: str = "clipped_typical", *, seed: int = 1, size: tuple[int, int] | None = None) -> Phantom:
    """Draws a scalp photo whose truth is known; the same seed draws the same bytes on every machine.

    Parameters
    ----------
    scene
        What is photographed; `scenes()` names all.
    seed
        0 to 2**64 − 1.
    size
        Width and height, px, 64 to 6000 each. Default: the scene's.
    """
    file, truth = _vellus.phantom(_options.text("scene", scene), _options.whole("seed", seed), _size(size))
    return _drawn(file, json.loads(truth))


def phantom_pair(
    kind: str, scene: str = "clipped_typical", *, seed: int = 1, size: tuple[int, int] | None = None
) -> PhantomPair:
    """Draws two visits of one site, and what changed between them; `pair_kinds()` names the kinds. The others are those of
    `phantom`."""
    names = _options.text("scene", scene), _options.text("kind", kind)
    files, text = _vellus.phantom_pair(*names, _options.whole("seed", seed), _size(size))
    truth = json.loads(text)
    return PhantomPair(_drawn(files[0], truth["baseline"]), _drawn(files[1], truth["follow_up"]), truth)


def scenes() -> list[str]:
    """Names of the scenes that `phantom` draws."""
    return _vellus.scenes()


def pair_kinds() -> list[str]:
    """Names of the kinds of pairs that `phantom_pair` draws."""
    return _vellus.pair_kinds()


def batch(
    source: PathLike,
    output: PathLike,
    *,
    um_per_px: float | str | tuple[float, float] | None = None,
    read_scale: bool = False,
    site: PathLike | None = "nearest",
    protocol: PathLike | dict[str, Any] | None = None,
    pattern: str | None = None,
    visits: list[str] | tuple[str, ...] = (),
    corrections: PathLike | None = None,
    shard: str | None = None,
    threads: int | None = None,
) -> BatchOutcome | None:
    """Measures a trial's photos, compares the visits and writes tables, as `vellus batch` does, to the same bytes. Stopped, the
    same call goes on where it was.

    Parameters
    ----------
    source
        A manifest (CSV with a column `photo`, and subject, visit, replicate, site, arm, um_per_px if there are any), or a folder.
    output
        Folder for records and tables.
    pattern
        How the names of a folder's files are read, such as "{subject}_{visit}_{replicate}".
    visits
        The visits in their order, the baseline first. Default: by name.
    corrections
        Folder of what readers corrected.
    shard
        A share of the work, "2/7", without tables; "auto" as the array job of Slurm or AWS Batch says. `merge` puts the
        shares together.
    threads
        Default: one per core.

    The others are those of `measure`. A photo that failed is a row with its reason.

    Returns
    -------
    What it came to; None of a share.

    Raises
    ------
    BatchError
        Another process works in the folder, or a record cannot be written.
    InputError
        An argument or the manifest cannot be used; nothing was measured.
    """
    asked = _options.options(
        um_per_px=um_per_px,
        read_scale=read_scale,
        site=site,
        protocol=protocol,
        corrections=corrections,
        threads=threads,
    )
    folder = _options.path("output", output)
    came = _vellus.batch(
        _options.path("source", source),
        folder,
        asked,
        _options.perhaps_text("pattern", pattern),
        [_options.text("visits", visit) for visit in _options.several("visits", visits)],
        _options.perhaps_text("shard", shard),
    )
    return None if came is None else _outcome(came, folder)


def merge(shards: list[PathLike], output: PathLike) -> BatchOutcome:
    """Puts the shares of a batch together and writes its tables, to the bytes of one machine.

    Raises
    ------
    BatchError
        A share is missing or not done, or they are of different batches.
    """
    paths = [_options.path("shards", shard) for shard in _options.several("shards", shards)]
    folder = _options.path("output", output)
    return _outcome(_vellus.merge(paths, folder), folder)


def read(path: PathLike) -> Measurement | Comparison | Series:
    """Reads a record back: what `save`, `vellus measure --json` and `vellus compare --json` write, one document.

    Raises
    ------
    RecordError
        The file cannot be read, is no record, or holds several: `read_all` reads these.
    """
    records = read_all(path)
    if len(records) != 1:
        raise RecordError(f"{path} holds {len(records)} records; read them with vellus.read_all")
    return records[0]


def read_all(path: PathLike) -> list[Measurement | Comparison | Series]:
    """Reads records back, one per line, in their order; those of a batch (OUT/photos/*.jsonl), too.

    Raises
    ------
    RecordError
        The file cannot be read, or a line is no record.
    """
    name = _options.path("the record", path)
    try:
        # Other characters that `splitlines` takes for the end of a line may be within a text of a record.
        lines = Path(name).read_bytes().decode().split("\n")
    except OSError as error:
        raise RecordError(f"{name} cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise RecordError(f"{name} is no text; give a file of JSON as vellus writes it") from error
    records = []
    for number, line in enumerate(lines, 1):
        # A record of a batch begins with a head that says what it was made from.
        if not line.strip() or line.startswith('{"schema":"vellus.batch_'):
            continue
        try:
            records.append(_records.any_record(line))
        except RecordError as error:
            raise RecordError(f"{name}, line {number}: {error}") from error
    return records


def protocol() -> dict[str, Any]:
    """Every parameter that can change a number, with its default."""
    fields: dict[str, Any] = json.loads(_vellus.protocol())
    return fields


def schema(record: str = "measurement") -> dict[str, Any]:
    """The JSON schema of a measurement, comparison, series, protocol or corrections."""
    found: dict[str, Any] = json.loads(_vellus.schema(_options.text("record", record)))
    return found


def _size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    try:
        width, height = size
    except (TypeError, ValueError) as error:
        raise InputError(f"size is {size!r}; give (width, height), px") from error
    sides = _options.whole("width", width), _options.whole("height", height)
    if max(sides) >= 2**32:
        raise InputError(f"size is {size!r}; give (width, height) of 64 to 6000 px")
    return sides


def _drawn(file: tuple[str, bytes], truth: dict[str, Any]) -> Phantom:
    name, content = file
    return Phantom(name, _vellus.pixels(content), truth, content)


def _outcome(came: tuple[Any, ...], folder: str) -> BatchOutcome:
    rows, measured, not_measurable, failed, compared, refused, doubts = came
    return BatchOutcome(
        rows, measured, not_measurable, failed, compared, refused, tuple(doubts), Path(folder) / "tables"
    )
