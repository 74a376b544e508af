"""What the environment and a file ``.env`` say: which name of a setting counts, and which names are misspelt.

A setting is read under its names and under nothing else, and only in upper case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from videoannotator.errors import ConfigurationError, Violation

ENV_FILE = Path(".env")
PREFIX = "VIDEOANNOTATOR_"

Names = Mapping[str, Sequence[str]]
"""The names of every setting, the proper one first, by the field of Settings."""


def variables() -> dict[str, str]:
    """Return what the environment and ``.env`` in the working directory say; the environment wins.

    Raises:
        ConfigurationError: If there is a ``.env`` that cannot be read.
    """
    return {**_env_file(), **os.environ}


def names_in_use(found: Mapping[str, str], names: Names) -> dict[str, str]:
    """Return, for every field that is set, the name whose value counts: the first of its names that is there."""
    return {field: present[0] for field, present in _present(found, names)}


def ignored_aliases(found: Mapping[str, str], names: Names) -> list[str]:
    """Return a sentence for every name that another name of the same setting overrules with another value."""
    return [
        f"{other} is ignored, because {first} is also set, to another value."
        for _, (first, *others) in _present(found, names)
        for other in others
        if found[other] != found[first]
    ]


def unknown_names(found: Mapping[str, str], names: Names, others: Sequence[str]) -> list[str]:
    """Return a sentence for every name with our prefix that is not a setting's; ``others``: other names."""
    known = {proper for proper, *_ in names.values()} | set(others)
    spellings = _spellings(names, others)
    return [
        f"{name} is not a setting and is ignored. {_advice(name, spellings)}"
        for name in sorted(found)
        if name.upper().startswith(PREFIX) and name not in known
    ]


def _present(found: Mapping[str, str], names: Names) -> Iterator[tuple[str, list[str]]]:
    for field, choices in names.items():
        if present := [name for name in choices if name in found]:
            yield field, present


def _spellings(names: Names, others: Sequence[str]) -> dict[str, str]:
    """Return the proper name for every known name without the prefix, which all names share."""
    spellings = {name.removeprefix(PREFIX): proper for proper, *more in names.values() for name in (proper, *more)}
    return spellings | {name.removeprefix(PREFIX): name for name in others}


def _advice(name: str, spellings: Mapping[str, str]) -> str:
    nearest = get_close_matches(name.upper().removeprefix(PREFIX), spellings, n=1)
    return f"Did you mean {spellings[nearest[0]]}?" if nearest else "See docs/configuration.md for all settings."


def _env_file() -> dict[str, str]:
    if not ENV_FILE.is_file():
        return {}
    try:
        return {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        wrong = Violation(field=".env", code="INVALID_VALUE", message=f"The file cannot be read: {error}.")
        raise ConfigurationError("The file .env cannot be read.", violations=[wrong]) from error
