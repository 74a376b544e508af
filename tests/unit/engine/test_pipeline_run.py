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
    assert (outcome.status, outcome.frames_failed) == ("completed", 2)
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
