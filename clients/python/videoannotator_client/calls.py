"""Calls with one answer, and trying again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message
from tenacity import DoAttempt, DoSleep, RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_base, wait_random_exponential

from videoannotator.errors import VideoAnnotatorError
from videoannotator_client.channel import Stubs
from videoannotator_client.faults import is_passing
from videoannotator_client.steps import Ask, Consult, Manners, Plan, Sleep

Question = TypeVar("Question", bound=Message)
Answer = TypeVar("Answer")
Result = TypeVar("Result")

Rpc: TypeAlias = "Callable[[Stubs], grpc.UnaryUnaryMultiCallable[Question, Answer]]"
"""Picks a call: ``lambda stubs: stubs.jobs.GetJob``."""

UNARY_TIMEOUT = 30.0
"""Seconds that a call with one answer may take, unless it says otherwise."""


class _Politely(wait_base):
    """Waits longer each time, up to 10 seconds, and at least as long as the server asked for."""

    _growing = wait_random_exponential(0.5, max=10)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, VideoAnnotatorError) else None
        return max(self._growing(state), asked or 0.0)


def ask(rpc: Rpc[Question, Answer], request: Question, timeout: float = UNARY_TIMEOUT) -> Plan[Answer]:
    """Make a call once."""
    answer: Answer = yield Ask(rpc, request, timeout)
    return answer


def call(rpc: Rpc[Question, Answer], request: Question, timeout: float = UNARY_TIMEOUT) -> Plan[Answer]:
    """Make a call that may be made twice without harm, for as long as the client is patient."""
    return (yield from patiently(lambda: ask(rpc, request, timeout)))


def patiently(attempt: Callable[[], Plan[Result]]) -> Plan[Result]:
    """Repeat ``attempt`` when its error may pass, for as long as the client is patient."""
    manners: Manners = yield Consult()
    policy = Retrying(
        retry=retry_if_exception(is_passing), wait=_Politely(), stop=stop_after_delay(manners.patience), reraise=True
    )
    return (yield from persistently(policy, attempt))


def persistently(policy: Retrying, attempt: Callable[[], Plan[Result]]) -> Plan[Result]:
    """Repeat ``attempt`` as ``policy`` says: tenacity decides, the transport's clock counts, and waiting is a step."""
    manners: Manners = yield Consult()
    state = RetryCallState(policy, None, (), {})
    state.start_time = manners.clock()
    policy.begin()
    while True:
        do: Any = policy.iter(retry_state=state)
        if isinstance(do, DoAttempt):
            try:
                state.set_result((yield from attempt()))
            except VideoAnnotatorError:
                state.set_exception(sys.exc_info())  # type: ignore[arg-type] # there is an exception here
            state.outcome_timestamp = manners.clock()
        elif isinstance(do, DoSleep):
            state.prepare_for_next_attempt()
            yield Sleep(do)
        else:
            result: Result = do
            return result
