"""What is made of a view is made once, and forgotten together with the view."""

from __future__ import annotations

from videoannotator_server.renderings import PerView

from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.views import JobView


def test_a_view_is_rendered_once_and_another_of_the_same_job_anew() -> None:
    rendered: list[JobView] = []

    def render(view: JobView) -> list[str]:
        rendered.append(view)
        return [view.job.status]

    per_view = PerView(render)
    row = JobRow(id="j", owner="o", video_id="v", video_filename="f", video_size_bytes=1, status="running")
    before, after = JobView(row, ()), JobView(row, ())
    assert per_view(before) is per_view(before)
    assert per_view(after) == per_view(before)
    assert rendered == [before, after]


def test_nothing_is_kept_of_a_view_that_is_gone() -> None:
    gone: list[str] = []

    class Body:
        def __del__(self) -> None:
            gone.append("body")

    per_view = PerView(lambda view: Body())
    view = JobView(JobRow(id="j", owner="o", video_id="v", video_filename="f", video_size_bytes=1), ())
    per_view(view)
    assert gone == []
    del view
    assert gone == ["body"]
