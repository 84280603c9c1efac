"""The parts of a record, as plain dataclasses. Names are those of the JSON record, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

T = TypeVar("T")


def plain(kind: type[T], record: Mapping[str, Any]) -> T:
    """The dataclass of that kind; keys that it does not name are left to `to_dict()`."""
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in record.items() if name in names})


@dataclass(frozen=True)
class Image:
    """Which photo."""

    path: str | None
    """The path as given; None when the photo came as bytes or as an array."""
    width_px: int
    """Width of the upright photo, px."""
    height_px: int
    """Height of the upright photo, px."""
    content_hash: str
    """`blake3:` and the hash of the file's bytes, or of the pixels."""
    format: str
    """jpeg, png, tiff, bmp, gif, webp, dicom or pixels."""
    bit_depth: int
    """Bits per channel."""
    decoder: str
    """What decoded it, with its version."""


@dataclass(frozen=True)
class Calibration:
    """The scale."""

    um_per_px: float
    """Length of a pixel on the scalp, µm."""
    source: str
    """flag (given), field_width, site_file, protocol, scale_bar, dicom or file_resolution."""
    relative_error: float
    """Relative standard error of `um_per_px`."""
    error_basis: str
    """stated, assumed or read."""


@dataclass(frozen=True)
class Region:
    """The part of the photo that was analysed."""

    shape: Any
    """What was asked for, as in the record."""
    area_px: int
    """Pixels of it that are scalp."""
    area_mm2: float | None
    """Its area on the scalp, mm²; None without a scale."""
    masked_fraction: float
    """Share of the shape that is not scalp, 0 to 1."""


@dataclass(frozen=True)
class Finding:
    """A doubt."""

    code: str
    """Its name, such as out_of_focus."""
    severity: str
    """note, warning or failure."""
    message: str
    """A sentence with the numbers."""
    advice: str
    """What to do."""


@dataclass(frozen=True)
class Quality:
    """What the photo is good for."""

    verdict: str
    """pass, warn or fail."""
    noise_sd: float | None
    """Standard deviation of the noise, in units of the skin's brightness."""
    blur_sigma_px: float | None
    """Standard deviation of the blur of a shaft's edge, px."""
    blur_se_px: float | None
    """Standard error of blur_sigma_px, px."""
    blur_range_px: list[float] | None
    """Least and largest blur over the field, px; equal where it does not change."""
    appearance: dict[str, Any] | None
    """What the photo looks like as a whole: opacity of its hair, texture and colour of its skin, what the hairs explain."""
    findings: tuple[Finding, ...]
    """The doubts."""


@dataclass(frozen=True)
class Summary:
    """The numbers of a photo. What needs a scale is None without one; all but `hair_count` is None when the verdict is fail."""

    hair_count: int
    """Hairs that count."""
    hair_count_ci95: list[float] | None
    """95 % interval of the count: of the counting, not of sampling the scalp."""
    density_per_cm2: float | None
    """Hairs per cm²."""
    density_ci95_per_cm2: list[float] | None
    """Its 95 % interval, per cm²."""
    mean_diameter_um: float | None
    """Mean diameter, µm."""
    mean_diameter_ci95_um: list[float] | None
    """Its 95 % interval, µm."""
    median_diameter_um: float | None
    """Median diameter, µm."""
    diameter_sd_um: float | None
    """Standard deviation of the diameter over hairs, µm."""
    mean_width_px: float | None
    """Mean width, px."""
    diameter_histogram: dict[str, Any] | None
    """`bin_width_um` (the first bin starts at 0) and `counts`."""
    vellus_limit_um: float | None
    """Limit between vellus and terminal, µm."""
    terminal_count: int | None
    """Counted hairs at or above the limit."""
    vellus_count: int | None
    """Counted hairs below the limit."""
    non_vellus_count_30um: int | None
    """Counted hairs of at least 30 µm."""
    non_vellus_count_40um: int | None
    """Counted hairs of at least 40 µm."""
    non_vellus_expected_30um: Estimate | None
    """Expected hairs of at least 30 µm, with the error of every diameter and of the count."""
    non_vellus_expected_40um: Estimate | None
    """Expected hairs of at least 40 µm."""
    diameter_percentiles_um: list[float] | None
    """Diameters below which 10, 25, 50, 75 and 90 % of the counted hairs are, µm."""
    unlike_diameter_fraction: float | None
    """Share of the counted hairs whose diameter is more than 20 % off the mean, 0 to 1."""
    cumulative_thickness_mm_per_cm2: float | None
    """Sum of the diameters per area, mm/cm²."""
    cumulative_thickness_ci95_mm_per_cm2: list[float] | None
    """Its 95 % interval, mm/cm²."""
    hair_area_fraction: float | None
    """Share of the region that shafts cover, 0 to 1."""
    unit_count: int | None
    """Follicular units with a counted hair."""
    units_per_cm2: float | None
    """Follicular units per cm²."""
    hairs_per_unit: float | None
    """Counted hairs per follicular unit."""
    units_by_hairs: list[int] | None
    """How many units have 1, 2, 3, … counted hairs."""
    unit_neighbour_distance_um: float | None
    """Mean distance from a unit to its nearest neighbour, µm."""
    mean_length_um: float | None
    """Mean visible length, µm."""
    mean_length_ci95_um: list[float] | None
    """Its 95 % interval, µm."""
    mean_length_px: float | None
    """Mean visible length, px."""
    mean_direction_deg: float | None
    """Circular mean of the directions from root to tip, degrees clockwise from x."""
    direction_concentration: float | None
    """0 (all directions) to 1 (all parallel)."""
    resolvable_diameter_um: float | None
    """Thinnest hair that the photo resolves, µm."""


@dataclass(frozen=True)
class RegionSummary:
    """The numbers of one of several regions."""

    name: str
    """Its name."""
    region: Region
    """The part of the photo."""
    summary: Summary
    """Its numbers."""
    hairs: list[int]
    """Ids of the hairs that count in it."""


@dataclass(frozen=True)
class Estimate:
    """A value with its uncertainty, in the unit that the name of its field gives."""

    value: float
    """The best single value."""
    standard_error: float
    """Its standard error."""
    ci95: list[float]
    """Its 95 % interval."""


@dataclass(frozen=True)
class QuantityChange:
    """A quantity at both visits, over the skin that both photos show."""

    baseline: float
    """At the baseline."""
    follow_up: float
    """At the follow-up."""
    difference: float
    """Follow-up less baseline."""
    standard_error: float
    """Standard error of `difference`."""
    ci95: list[float]
    """95 % interval of `difference`."""
    smallest_detectable_change: float
    """What the method tells from its own error."""
    verdict: str
    """increase, decrease, or no change beyond measurement error."""
