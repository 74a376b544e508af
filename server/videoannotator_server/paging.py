"""Page sizes and page tokens of lists."""

from __future__ import annotations

import base64
import binascii
import json

from videoannotator.errors import InvalidRequestError, Violation

DEFAULT_SIZE = 20
MAX_SIZE = 100


def page_size(wanted: int, field: str = "page_size", default: int = DEFAULT_SIZE) -> int:
    """Return how many entries to send; 0 means the default.

    Raises:
        InvalidRequestError: It is not 0 to 100.
    """
    if not 0 <= wanted <= MAX_SIZE:
        raise _invalid(field, f"{field} must be 1 to {MAX_SIZE}", {"minimum": 1, "maximum": MAX_SIZE}, default)
    return wanted or default


def offset(page: int, size: int) -> int:
    """Return how many entries lie before a page counted from 1; 0 means the first.

    Raises:
        InvalidRequestError: It is negative or absurd.
    """
    if not 0 <= page <= 1_000_000:
        raise _invalid("page", "page must be at least 1", {"minimum": 1, "maximum": 1_000_000}, 1)
    return (max(page, 1) - 1) * size


def encode_token(key: tuple[float, str] | None) -> str:
    """Return the token of the page after ``key``; empty when there is none."""
    return "" if key is None else base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def decode_token(token: str) -> tuple[float, str] | None:
    """Return the key that a token was made of.

    Raises:
        InvalidRequestError: No list of this service gave that token.
    """
    if not token:
        return None
    try:
        created_at, row_id = json.loads(base64.urlsafe_b64decode(token.encode()))
        key = float(created_at), str(row_id)
        key[1].encode()  # half a surrogate pair cannot be encoded
        return key
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _invalid("page_token", "page_token is not one that this list gave") from error


def _invalid(field: str, message: str, allowed: object = None, example: object = None) -> InvalidRequestError:
    return InvalidRequestError(message, violations=[Violation(field, "VALUE_OUT_OF_RANGE", message, allowed, example)])
