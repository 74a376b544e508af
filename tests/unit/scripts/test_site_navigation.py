"""Patterns in the navigation stand for the pages that fit them."""

from __future__ import annotations

from scripts.site.navigation import expand

PAGES = ["adding-a-setting.md", "adding-a-format.md", "errors.md", "library/a.b.md", "library/a.md"]


def test_a_pattern_becomes_pages_in_order_of_name() -> None:
    assert expand(["adding-*.md"], PAGES) == ["adding-a-format.md", "adding-a-setting.md"]


def test_a_package_comes_before_what_is_in_it() -> None:
    assert expand([{"Library": ["library/*.md"]}], PAGES) == [{"Library": ["library/a.md", "library/a.b.md"]}]


def test_other_entries_stay_as_they_are() -> None:
    navigation = [{"Home": "index.md"}, {"Use it": ["errors.md", {"More": ["errors.md"]}]}]
    assert expand(navigation, PAGES) == navigation
