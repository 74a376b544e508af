"""The progress of an attempt: shown at each step, written at intervals, never falling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from videoannotator.service.jobs.progress import WRITE_INTERVAL, AttemptProgress, RunProgress, job_fraction

UNITS = {"face": "frames", "speech": "seconds"}

steps = st.builds(
    RunProgress,
    st.sampled_from(sorted(UNITS)),
    st.integers(0, 500),
    st.integers(0, 20),
    st.none() | st.integers(0, 400),
)


@given(st.lists(steps, max_size=30))
def test_no_number_that_is_shown_ever_falls_or_says_finished(steps: list[RunProgress]) -> None:
    progress = AttemptProgress("j", UNITS, 0.0)
    shown = [progress.advance(step, 5.0) for step in steps]
    whole = [moment.payload["job_progress"] for moment in shown]
    assert whole == sorted(whole)
    assert all(fraction < 1 for fraction in whole)
    for pipeline in UNITS:
        each = [moment.payload["progress"] for moment in shown if moment.subject == pipeline]
        assert each == sorted(each)


def test_of_many_steps_only_the_last_of_each_pipeline_is_written_once_a_second() -> None:
    progress = AttemptProgress("j", UNITS, 100.0)
    last = {}
    for done in range(8):
        for pipeline in UNITS:
            last[pipeline] = RunProgress(pipeline, done, 0, 10)
            progress.advance(last[pipeline], 0.0)
    assert not progress.is_due(100.0 + WRITE_INTERVAL / 2)
    assert progress.is_due(100.0 + WRITE_INTERVAL)
    assert list(progress.take(101.0)) == list(last.values())
    assert not progress.is_due(200.0)
    progress.advance(RunProgress("face", 9, 0, 10), 0.0)
    assert not progress.is_due(101.5)


def test_a_pipeline_that_ended_is_done_and_writes_no_step_over_its_end() -> None:
    progress = AttemptProgress("j", UNITS, 0.0)
    progress.advance(RunProgress("speech", 5, 0, 10), 0.0)
    progress.end("speech")
    assert list(progress.take(1.0)) == []
    assert progress.advance(RunProgress("face", 0, 0, 10), 2.0).payload["job_progress"] == 0.5


def test_a_job_without_pipelines_has_made_no_progress() -> None:
    assert job_fraction([]) == 0.0
