"""What the client does, as steps, so that it is written once for threads that wait and for tasks that await.

A plan is a generator. It yields steps, is sent what each of them came to, and returns its result; the error that a step
ends with is raised where the step was yielded, always as one of `videoannotator.errors`. A transport takes the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message

from videoannotator_client.channel import Stubs

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ask:
    """A call with one question and one answer; comes to the answer. ``timeout`` is in seconds."""

    rpc: Callable[[Stubs], Any]
    request: Message
    timeout: float


@dataclass(frozen=True, slots=True)
class Send:
    """A call that sends many messages; comes to its one answer."""

    rpc: Callable[[Stubs], Any]
    requests: Iterator[Message]


@dataclass(frozen=True, slots=True)
class Open:
    """Starts a call with many answers; comes to the call, for `Read` and `Close`. ``timeout`` is in seconds."""

    rpc: Callable[[Stubs], Any]
    request: Message
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Comes to the next answer of an open call, or to None at its end."""

    call: Any


@dataclass(frozen=True, slots=True)
class Close:
    """Ends an open call, however far it is."""

    call: Any


@dataclass(frozen=True, slots=True)
class Sleep:
    """Lets some seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Something slow that needs no network, as reading a file; comes to what the function returns."""

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Consult:
    """Comes to the `Manners` of the client."""


@dataclass(frozen=True, slots=True)
class Emit:
    """Hands a value to whoever iterates over the plan."""

    value: Any


Step: TypeAlias = Ask | Send | Open | Read | Close | Sleep | Work | Consult | Emit
Plan: TypeAlias = Generator[Step, Any, Result]


@dataclass(frozen=True, slots=True)
class Manners:
    """How a client behaves when the server does not: ``patience`` is the seconds it goes on trying."""

    patience: float
    clock: Callable[[], float]


class Abandoned(BaseException):
    """Raised in a plan when nobody iterates over it any more; it may take steps to clean up."""


class Course(Generic[Result]):
    """A plan under way. Set ``reply`` or ``error`` to what a step came to, then ask for the next one."""

    result: Result

    def __init__(self, plan: Plan[Result]) -> None:
        self._plan = plan
        self.reply: Any = None
        self.error: BaseException | None = None
        self._left: GeneratorExit | None = None

    def next(self) -> Step | None:
        """Return the next step, or None when the plan has come to its result."""
        reply, error = self.reply, self.error
        self.reply = self.error = None
        if isinstance(error, GeneratorExit):
            # Python closes the inner generators of one that gets a GeneratorExit; they could take no more steps.
            self._left, error = error, Abandoned()
        try:
            return self._plan.send(reply) if error is None else self._plan.throw(error)
        except StopIteration as end:
            self.result = end.value
            return None
        except Abandoned:
            if self._left is None:
                raise
            raise self._left from None


def tap(plan: Plan[Result], hear: Callable[[Any], None], onward: bool = False) -> Plan[Result]:
    """Follow ``plan``, giving to ``hear`` what it emits, and ``onward`` to whoever iterates over it."""
    course = Course(plan)
    while (step := course.next()) is not None:
        try:
            if isinstance(step, Emit):
                hear(step.value)
            if onward or not isinstance(step, Emit):
                course.reply = yield step
        except BaseException as error:  # noqa: BLE001 - nothing is lost: the plan gets it, and cleans up
            course.error = error
    return course.result
