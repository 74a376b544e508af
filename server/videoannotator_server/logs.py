"""Log lines for people or for programs."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from videoannotator_server import request_ids

_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s%(request)s"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_ids.current():
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """One line for people, with the id of the request at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        request_id = request_ids.current()
        record.request = f" [{request_id}]" if request_id else ""
        return super().format(record)


def configure(level: str, form: str) -> None:
    """Send log lines of ``level`` and above to standard error; ``form`` is text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter(_TEXT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Alembic reports every start in detail.
    logging.getLogger("alembic").setLevel(logging.WARNING)
