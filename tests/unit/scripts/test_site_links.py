"""Links that are right in the repository are right on the site."""

from __future__ import annotations

import pytest

from scripts.site.links import for_site


@pytest.mark.parametrize(
    ("page", "link", "on_site"),
    [
        ("rest.md", "[errors](errors.md)", "[errors](errors.md)"),
        ("rest.md", "[Envoy](../envoy/README.md#running-it)", "[Envoy](envoy.md#running-it)"),
        ("index.md", "![A time line](docs/images/timeline.png)", "![A time line](images/timeline.png)"),
        ("index.md", "[errors](docs/errors.md)", "[errors](errors.md)"),
        ("envoy.md", "[REST](../docs/rest.md)", "[REST](rest.md)"),
        ("reference/contract/jobs.md", "[home](../../../README.md)", "[home](../../index.md)"),
        (
            "index.md",
            "[elsewhere](https://example.org/docs/errors.md)",
            "[elsewhere](https://example.org/docs/errors.md)",
        ),
        ("index.md", "[below](#use-it)", "[below](#use-it)"),
    ],
)
def test_a_link_leads_to_the_page_of_the_site(page: str, link: str, on_site: str) -> None:
    assert for_site(f"See {link}.", page) == f"See {on_site}."


def test_a_file_that_the_site_does_not_have_is_named_without_a_link() -> None:
    assert for_site("See [LICENSE](LICENSE).", "index.md") == "See LICENSE."


def test_a_broken_link_stays_for_the_build_to_find() -> None:
    assert for_site("See [this](docs/no-such-page.md).", "index.md") == "See [this](docs/no-such-page.md)."


def test_code_is_left_alone() -> None:
    code = "```python\ntable[0](docs/errors.md)\n```"
    assert for_site(code, "index.md") == code
