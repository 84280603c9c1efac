"""The exceptions of vellus. Each says in one sentence what is wrong, what is allowed and what to do."""

__all__ = ["BatchError", "CompareError", "InputError", "PhotoError", "RecordError", "VellusError"]


class VellusError(Exception):
    """Anything that vellus raises."""


class InputError(VellusError, ValueError):
    """An argument cannot be used: a scale, a region, a protocol, corrections, a site file, an array that is no photo."""


class PhotoError(VellusError):
    """A photo cannot be read: it is missing, damaged, too large, or of a kind that is not read."""


class CompareError(VellusError):
    """Photos cannot be compared: they do not show the same site, or carry no measurement."""


class RecordError(VellusError):
    """A record cannot be read or written."""


class BatchError(VellusError):
    """A batch cannot go on, or its shares do not belong together."""
