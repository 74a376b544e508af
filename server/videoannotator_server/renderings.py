"""What is made of the view of a job, once for all who ask for it while nothing happens to the job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from videoannotator.service.jobs.views import JobView

Made = TypeVar("Made")


class PerView(Generic[Made]):
    """A function of a view that remembers its results as long as their views are kept. Lives on one event loop.

    Callers share a result, and must not change it.
    """

    def __init__(self, make: Callable[[JobView], Made]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[JobView, Made] = WeakKeyDictionary()

    def __call__(self, view: JobView) -> Made:
        """Return what was made of the view, or make it."""
        made = self._made.get(view)
        if made is None:
            made = self._made[view] = self._make(view)
        return made
