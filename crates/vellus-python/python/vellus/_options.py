"""Keyword arguments as the extension takes them; what is of a wrong kind is said here."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ._errors import InputError

# More are never of use, and a process cannot start any number.
MOST_THREADS = 1024

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
        read_scale=flag("read_scale", read_scale),
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
    if _is_image(given):
        _check_mode(given.mode)
    if hasattr(given, "read"):
        raise InputError(f"{_short(given)} is an open file, no photo: give its path, or its bytes, which file.read() gives")
    if isinstance(given, (list, tuple)) and any(_is_photo(one) for one in given):
        raise InputError("these are several photos where one is wanted: [vellus.measure(one) for one in photos] measures each")
    if np.ma.isMaskedArray(given):
        raise InputError(
            "a masked array is no photo, since the mask would be lost: give its data, array.data, and as region what is to be "
            "analysed"
        )
    if given is None or isinstance(given, (bool, int, float, complex, Mapping, set)):
        raise InputError(f"{_short(given)} is no photo: give the path of a file, its bytes, or an array of uint8 or uint16")
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


# Modes of Pillow whose arrays are what `measure` takes, or are refused as arrays of another type.
_MODES = {"L", "LA", "RGB", "RGBA", "I;16", "I;16L", "I;16B", "I;16N", "1", "I", "F"}


def _check_mode(mode: str) -> None:
    """An image of another mode has numbers that are no grey and no RGB, though its array looks as if."""
    if mode not in _MODES:
        raise InputError(f'an image of mode {mode} is no photo: its numbers are not grey or RGB; give image.convert("RGB")')


def _is_photo(one: Any) -> bool:
    """Whether it is a photo by itself, and no row of one."""
    return isinstance(one, (str, os.PathLike, bytes, bytearray)) or _is_image(one)


def _is_image(given: Any) -> bool:
    """Whether it is an image of Pillow, or of one that is like it."""
    return hasattr(given, "convert") and isinstance(getattr(given, "mode", None), str)


def _short(given: Any) -> str:
    try:
        text = repr(given)
    except ValueError:  # a whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:79]}…"


def photos(name: str, given: Any) -> list[Any]:
    """One photo or several: a list or tuple is several, each a path, bytes or an array."""
    if isinstance(given, (list, tuple)):
        if not given:
            raise InputError(f"{name} is an empty list; give at least one photo")
        return [photo(one) for one in given]
    return [photo(given)]


def _scale(given: Any) -> float | str | tuple[float, float] | None:
    if given is None:
        return None
    if isinstance(given, str):
        try:
            _in_range("um_per_px", float(given))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
        return text("um_per_px", given)
    if isinstance(given, (tuple, list)) and len(given) == 2:
        return _number("um_per_px", given[0]), _number("the error of um_per_px", given[1])
    return _number("um_per_px", given)


def _number(name: str, given: Any) -> float:
    if isinstance(given, (bool, np.bool_, str)) or not hasattr(given, "__float__"):
        form = ", a text such as '5.54±0.03' or (value, error)" if name == "um_per_px" else ""
        raise InputError(f"{name} is {_short(given)}; give a number{form}")
    try:
        return _in_range(name, float(given))
    except OverflowError as error:
        raise InputError(f"{name} is too large a number; give one that fits the photo") from error
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is {_short(given)}; give one number") from error


def _in_range(name: str, number: float) -> float:
    """What no photo has is refused here; the library knows the range, but would write out every digit."""
    if number and math.isfinite(number) and not 1e-9 <= abs(number) <= 1e9:
        raise InputError(f"{name} is {number:g}, which no photo has; give a number in the unit that its name says")
    return number


def _whole(name: str, given: Any) -> int | None:
    if given is None:
        return None
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or not 1 <= given <= MOST_THREADS:
        raise InputError(f"{name} is {_short(given)}; give a whole number of 1 to {MOST_THREADS}")
    return int(given)


def flag(name: str, given: Any) -> bool:
    """Yes or no; a text such as "false" is neither."""
    if not isinstance(given, (bool, np.bool_)):
        raise InputError(f"{name} is {_short(given)}; give True or False")
    return bool(given)


def text(name: str, given: Any) -> str:
    """A text."""
    if not isinstance(given, str):
        raise InputError(f"{name} is {_short(given)}; give a text")
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{name} is {_short(given)}, which is no text: it has half of a character") from error
    return given


def perhaps_text(name: str, given: Any) -> str | None:
    """A text, or None."""
    return None if given is None else text(name, given)


def several(name: str, given: Any) -> list[Any]:
    """Several; a single text, whose letters would be taken for them, is refused."""
    if isinstance(given, (str, bytes, os.PathLike)) or not isinstance(given, Iterable):
        raise InputError(f"{name} is {_short(given)}; give a list, such as [{_short(given)}]")
    return list(given)


def whole(name: str, given: Any) -> int:
    """A whole number of 0 or more."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or not 0 <= given < 2**64:
        raise InputError(f"{name} is {_short(given)}; give a whole number of 0 to 2**64 - 1")
    return int(given)


def _path(name: str, given: Any) -> str:
    try:
        path = os.fspath(given)
    except TypeError as error:
        raise InputError(f"{name} is {_short(given)}; give a path") from error
    if not isinstance(path, str):
        raise InputError(f"{name} is {_short(given)}; give the path as text")
    if not path:
        raise InputError(f"the path of {name} is empty; give the path of a file" if " " in name else f"{name} is empty; give a path")
    if "\0" in path:
        raise InputError(f"{name} is {_short(given)}: a path has no null character")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InputError(f"{name} is {_short(given)}: no path has half of a character") from error
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
        return [text("region", f"{name}={_path('region', shape)}") for name, shape in given.items()]
    if isinstance(given, (str, os.PathLike)):
        return [text("region", _path("region", given))]
    if isinstance(given, Iterable):
        return [text("region", _path("region", one)) for one in given]
    raise InputError(f"region is {_short(given)}; give a text such as 'circle:640,512,450', the path of a file, a list or a dict")


def _protocol(given: Any) -> tuple[str | None, PathLike | None]:
    if given is None:
        return None, None
    if isinstance(given, Mapping):
        try:
            return json.dumps(dict(given), allow_nan=False), None
        except (TypeError, ValueError) as error:
            raise InputError(f"protocol: {error}; give numbers, texts, lists and dicts as `vellus.protocol()` has them") from error
    return None, _path("protocol", given)
