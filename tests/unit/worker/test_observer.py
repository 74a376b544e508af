"""What a worker tells about its progress, and what is too much."""

from __future__ import annotations

import json
import socket

from videoannotator.worker.channel import Channel
from videoannotator.worker.observer import ChannelObserver


def told(*progress: tuple[str, int, int, int | None]) -> list[tuple[str, int]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        observer = ChannelObserver(Channel(theirs))
        for each in progress:
            observer.progress(*each)
        theirs.shutdown(socket.SHUT_WR)
        with ours.makefile("rb") as lines:
            messages = [json.loads(line) for line in lines]
    return [(message["pipeline"], message["done"]) for message in messages]


def test_of_what_comes_at_once_the_first_is_told_for_each_pipeline() -> None:
    assert told(("scene", 1, 0, 9), ("scene", 2, 0, 9), ("face", 1, 0, 9)) == [("scene", 1), ("face", 1)]


def test_that_nothing_is_left_to_do_is_told_in_any_case() -> None:
    assert told(("scene", 1, 0, 9), ("scene", 7, 2, 9)) == [("scene", 1), ("scene", 7)]


def test_more_than_was_expected_comes_no_faster() -> None:
    assert told(("scene", 9, 0, 9), ("scene", 10, 0, 9), ("scene", 11, 0, 9)) == [("scene", 9)]
