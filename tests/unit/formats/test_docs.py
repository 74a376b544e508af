"""docs/formats.md says what the code says."""

from pathlib import Path

from videoannotator.annotations import RECORDS
from videoannotator.export import tracks
from videoannotator.formats.names import DEFAULT_OUTPUTS, OUTPUTS
from videoannotator.formats.tables import tables_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_format_is_documented_and_the_usual_ones_are_marked() -> None:
    rows = [f"| `{name}`{' *' if name in DEFAULT_OUTPUTS else ''} |" for name in OUTPUTS if name != "ndjson"]
    assert [row for row in rows if row not in PAGE] == []


def test_every_column_is_documented() -> None:
    tables = [table.names for record in RECORDS for table in tables_of(record)]
    tables.append(tuple(column.name for column in tracks.COLUMNS))
    rows = [", ".join(f"`{name}`" for name in names) for names in tables]
    assert [row for row in rows if row not in PAGE] == []
