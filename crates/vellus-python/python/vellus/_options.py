"""Keyword arguments as the extension takes them; what is of a wrong kind is said here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ._errors import InputError

PathLike: TypeAlias = "str | os.PathLike[str]"


@dataclass(frozen=True)
class Options:
    """What is the same for all photos of a call."""

    um_per_px: float | str | tuple[float, float] | None
    field_width_mm: float | None
    read_scale: bool
    site: PathLike
    protocol_fields: str | None
    protocol_file: PathLike | None
    region: list[str]
    corrections: list[PathLike]
    threads: int | None


def options(
    *,
    um_per_px: Any,
    field_width_mm: Any = None,
    read_scale: Any = False,
    site: Any = "nearest",
    protocol: Any = None,
    region: Any = None,
    corrections: Any = None,
    threads: Any = None,
) -> Options:
    fields, file = _protocol(protocol)
    return Options(
        um_per_px=_scale(um_per_px),
        field_width_mm=None if field_width_mm is None else _number("field_width_mm", field_width_mm),
        read_scale=bool(read_scale),
        site="none" if site is None else _path("site", site),
        protocol_fields=fields,
        protocol_file=file,
        region=_regions(region),
        corrections=_paths("corrections", corrections),
        threads=_whole("threads", threads),
    )


def photo(given: Any) -> Any:
    """A photo as the extension takes it: a path, the bytes of a file, or an array of uint8 or uint16."""
    if isinstance(given, (str, os.PathLike)):
        return _path("the photo", given)
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given)
    if given is None or isinstance(given, (bool, int, float, complex, Mapping, set)):
        raise InputError(f"{given!r} is no photo: give the path of a file, its bytes, or an array of uint8 or uint16")
    try:
        array = np.asarray(given)
    except Exception as error:
        raise InputError(f"this {type(given).__name__} is no photo and no array ({error}); give a path or an array") from error
    if array.dtype.kind != "u" or array.dtype.itemsize > 2:
        advice = {
            "f": "scale it to 0 … 255 and round it: (255 * a).round().astype('uint8') for values of 0 to 1",
            "b": "a mask is no photo",
            "O": "give an array of numbers",
        }.get(array.dtype.kind, "convert it: a.astype('uint8')")
        raise InputError(f"an array of {array.dtype} is no photo: it must be uint8 or uint16 over the full range; {advice}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def photos(name: str, given: Any) -> list[Any]:
    """One photo or several: a list or tuple is several, each a path, bytes or an array."""
    if isinstance(given, (list, tuple)):
        if not given:
            raise InputError(f"{name} is an empty list; give at least one photo")
        return [photo(one) for one in given]
    return [photo(given)]


def _scale(given: Any) -> float | str | tuple[float, float] | None:
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, (tuple, list)) and len(given) == 2:
        return _number("um_per_px", given[0]), _number("the error of um_per_px", given[1])
    return _number("um_per_px", given)


def _number(name: str, given: Any) -> float:
    if isinstance(given, (bool, np.bool_, str)) or not hasattr(given, "__float__"):
        form = ", a text such as '5.54±0.03' or (value, error)" if name == "um_per_px" else ""
        raise InputError(f"{name} is {given!r}; give a number{form}")
    try:
        return float(given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {given!r}; give one number") from error


def _whole(name: str, given: Any) -> int | None:
    if given is None:
        return None
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or given < 1:
        raise InputError(f"{name} is {given!r}; give a whole number of at least 1")
    return int(given)


def whole(name: str, given: Any) -> int:
    """A whole number of 0 or more."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or not 0 <= given < 2**64:
        raise InputError(f"{name} is {given!r}; give a whole number of at least 0")
    return int(given)


def _path(name: str, given: Any) -> str:
    try:
        path = os.fspath(given)
    except TypeError as error:
        raise InputError(f"{name} is {given!r}; give a path") from error
    if not isinstance(path, str):
        raise InputError(f"{name} is {given!r}; give the path as text")
    if not path:
        raise InputError(f"the path of {name} is empty; give the path of a file" if " " in name else f"{name} is empty; give a path")
    if "\0" in path:
        raise InputError(f"{name} is {given!r}: a path has no null character")
    return path


def path(name: str, given: Any) -> str:
    """A path."""
    return _path(name, given)


def _paths(name: str, given: Any) -> list[PathLike]:
    if given is None:
        return []
    if isinstance(given, (list, tuple)):
        return [_path(name, one) for one in given]
    return [_path(name, given)]


def _regions(given: Any) -> list[str]:
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [f"{name}={_path('region', shape)}" for name, shape in given.items()]
    if isinstance(given, (str, os.PathLike)):
        return [_path("region", given)]
    if isinstance(given, Iterable):
        return [_path("region", one) for one in given]
    raise InputError(f"region is {given!r}; give a text such as 'circle:640,512,450', the path of a file, a list or a dict")


def _protocol(given: Any) -> tuple[str | None, PathLike | None]:
    if given is None:
        return None, None
    if isinstance(given, Mapping):
        try:
            return json.dumps(dict(given), allow_nan=False), None
        except (TypeError, ValueError) as error:
            raise InputError(f"protocol: {error}; give numbers, texts, lists and dicts as `vellus.protocol()` has them") from error
    return None, _path("protocol", given)
