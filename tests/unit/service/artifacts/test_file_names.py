"""No text of a user is ever a path."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.service.artifacts.stored_files import display_name, title_of


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("clip.mp4", "clip"),
        ("Family 7, visit 2.mov", "Family_7_visit_2"),
        ("../../etc/passwd", "passwd"),
        ("C:\\videos\\home.avi", "home"),
        ("Mutter & Kind.mp4", "Mutter_Kind"),
        ("家族.mp4", "家族"),
        (".hidden", "hidden"),
        ("", "video"),
        ("///", "video"),
    ],
)
def test_a_title_is_the_stem_that_people_know(filename: str, title: str) -> None:
    assert title_of(filename) == title


@given(st.text())
def test_a_display_name_is_one_harmless_file_name(filename: str) -> None:
    name = display_name(filename, "person_tracking.json")
    assert PurePosixPath(name).name == name
    assert not name.startswith(".")
    assert name.isprintable()
    assert len(name) < 130
