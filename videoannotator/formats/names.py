"""The names of the formats a researcher can ask for, light enough for a process that writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.util import find_spec

from videoannotator.errors import InvalidRequestError, Violation
from videoannotator.record_types.outputs import MEDIA_TYPES

OUTPUTS = tuple(MEDIA_TYPES)
"""Every format that can be asked for. NDJSON, results.json and provenance.json are always written."""

DEFAULT_OUTPUTS = ("coco", "csv", "webvtt", "rttm", "preview", "timeline")
"""What is written if nothing is asked for: what today's viewers and scripts read."""

ALL = "all"
"""Stands for every format."""

EXTRA = "formats"
"""The extra of this package that installs what the formats need."""

_LIBRARIES = {"parquet": "pyarrow", "eaf": "pympi", "textgrid": "praatio"}
_ALSO_KNOWN_AS = {"vtt": "webvtt", "elan": "eaf", "praat": "textgrid", "motchallenge": "mot", "json": "coco"}


def validate_outputs(outputs: Sequence[str]) -> tuple[str, ...]:
    """Return ``outputs`` without repeats and in the order of `OUTPUTS`; none means `DEFAULT_OUTPUTS`, ``all`` all.

    Raises:
        InvalidRequestError: A name is not a format, or its library is not installed; one violation for each.
    """
    wrong = (*_unknown(outputs), *_not_installed(outputs))
    if wrong:
        hint = f"pip install 'videoannotator[{EXTRA}]'" if not any(_unknown(outputs)) else None
        raise InvalidRequestError(" ".join(each.message for each in wrong), hint=hint, violations=wrong)
    if not outputs:
        return DEFAULT_OUTPUTS
    return tuple(name for name in OUTPUTS if name in outputs or ALL in outputs)


def _unknown(outputs: Sequence[str]) -> Iterator[Violation]:
    for index, name in enumerate(outputs):
        if name not in (*OUTPUTS, ALL):
            message = f"There is no output format {name!r}."
            if nearest := _nearest(name):
                message += f" Did you mean {nearest!r}?"
            yield Violation(f"outputs[{index}]", "INVALID_VALUE", message, [*OUTPUTS, ALL], nearest or "coco")


def _nearest(name: str) -> str | None:
    known = {**{each: each for each in (*OUTPUTS, ALL)}, **_ALSO_KNOWN_AS}
    found = get_close_matches(name.lower().lstrip("."), known, n=1)
    return known[found[0]] if found else None


def _not_installed(outputs: Sequence[str]) -> Iterator[Violation]:
    for index, name in enumerate(outputs):
        for output in OUTPUTS if name == ALL else (name,):
            library = _LIBRARIES.get(output)
            if library is not None and find_spec(library) is None:
                message = f"The output format {output!r} needs {library}, which is not installed here."
                yield Violation(f"outputs[{index}]", "INVALID_VALUE", message)
