"""Deletions, which a lost answer must not turn into errors."""

from __future__ import annotations

from typing import Any

from videoannotator.errors import VideoAnnotatorError
from videoannotator_client.calls import Rpc, ask, patiently
from videoannotator_client.steps import Plan


def deletion(rpc: Rpc[Any, Any], request: Any, timeout: float, gone: type[VideoAnnotatorError]) -> Plan[None]:
    """Delete something; when the answer was lost and the thing is ``gone`` at the next try, that was us."""
    attempts = 0

    def attempt() -> Plan[None]:
        nonlocal attempts
        attempts += 1
        try:
            yield from ask(rpc, request, timeout)
        except gone:
            if attempts == 1:
                raise

    yield from patiently(attempt)
