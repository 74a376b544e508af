"""The names of the formats a researcher can ask for, light enough for a process that writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from videoannotator.errors import InvalidRequestError, Violation

OUTPUTS = ("coco", "csv", "preview")
"""Every format that can be asked for; provenance is always written."""


def validate_outputs(outputs: Sequence[str]) -> tuple[str, ...]:
    """Return ``outputs`` without repeats and in the order of `OUTPUTS`; none means all of them.

    Raises InvalidRequestError with one violation for each name that is no format.
    """
    wrong = tuple(
        Violation(f"outputs[{index}]", "INVALID_VALUE", f"There is no output format {name!r}.", list(OUTPUTS), "coco")
        for index, name in enumerate(outputs)
        if name not in OUTPUTS
    )
    if wrong:
        raise InvalidRequestError(" ".join(violation.message for violation in wrong), violations=wrong)
    return tuple(name for name in OUTPUTS if not outputs or name in outputs)
