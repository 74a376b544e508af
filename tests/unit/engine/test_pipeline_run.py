import sys
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import findings
from tests.support.declared import Gesture, Hand, Light, hand
from videoannotator.annotations import Record
from videoannotator.engine.pipeline_run import PipelineRun
from videoannotator.media.fan_out import ConsumerResult
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION


def a_run() -> PipelineRun:
    return PipelineRun(SCENE_DETECTION, SCENE_DETECTION.default_config(), Sessions(ModelStore()))


def test_lost_frames_are_counted_and_told() -> None:
    run = a_run()
    run.consumed(ConsumerResult(done=8, failed=2, last_time=0.4, error=None, busy_seconds=0.1))
    outcome = run.outcome()
    assert (outcome.status, outcome.units_failed) == ("completed", 2)
    assert outcome.warnings == ("2 frames could not be decoded.",)


def test_waiting_for_others_is_no_work() -> None:
    run = a_run()
    run.consumed(ConsumerResult(done=8, failed=0, last_time=0.4, error=None, busy_seconds=0.1))
    run.finish()
    assert run.outcome().seconds == 0.1


def test_nothing_is_attempted_after_a_failure() -> None:
    run = a_run()
    done: list[str] = []

    def fail() -> None:
        raise KeyError("x")

    run.attempt(fail)
    run.attempt(lambda: done.append("second"))
    assert not done
    assert run.outcome().error is not None
    assert not run.wants_frames


class Finds:
    """A pipeline that finds what the test says."""

    rate, warnings = None, ()
    found: Sequence[Record] = ()

    def __init__(self, *_: Any) -> None:
        pass

    def finish(self) -> Sequence[Record]:
        return self.found


def finished(monkeypatch: pytest.MonkeyPatch, types: tuple[type[Record], ...], *found: Record) -> PipelineRun:
    monkeypatch.setattr(Finds, "found", found)
    spec = replace(SCENE_DETECTION, name="plugin", records=types, implementation="finds:Finds")
    monkeypatch.setitem(sys.modules, "finds", SimpleNamespace(Finds=Finds))
    run = PipelineRun(spec, SCENE_DETECTION.default_config(), Sessions(ModelStore()))
    run.attempt(lambda: run.prepare(findings.INFO))
    run.attempt(run.finish)
    return run


def test_records_are_handed_on_by_type(monkeypatch: pytest.MonkeyPatch) -> None:
    light, gesture = Light(0, 0.0, 1.0, "dark"), Gesture(0.0, 1.0, "wave")
    results = finished(monkeypatch, (Light, Gesture, Hand), light, gesture).results()
    assert results.records == {Light: [light], Gesture: [gesture], Hand: []}
    assert (results.pipeline, results.completed, results.outcome.annotation_count) == ("plugin", True, 2)


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ((Gesture(0.0, 1.0, "wave"),), "records that it does not declare: Gesture"),
        ((hand(0.0), replace(hand(0.2), score=float("nan"))), "cannot be written (record 2): score"),
        ((hand(0.2), hand(0.0)), "before an earlier one"),
    ],
)
def test_what_no_file_can_hold_fails_its_pipeline_before_any_file_is_written(
    found: tuple[Record, ...], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(monkeypatch, (Hand,), *found)
    assert run.error is not None
    assert (run.error.code, complaint in run.error.message) == ("PIPELINE_FAILED", True)
    assert not run.results().completed
