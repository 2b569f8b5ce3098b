"""What is logged: faults and where they happened, never what somebody wrote."""

from __future__ import annotations

import logging
import re

from rukun.core.text.redact import redact

#: What databases add to a refusal: the row itself.
_ROW = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
#: Places in the code and the clock of the line say nothing of persons, and masking could make them unreadable.
_CODE = re.compile(r'^(\s*File ".*|Traceback .*|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*? \w+ [\w.]+:)', re.MULTILINE)


class Masked(logging.Formatter):
    """Lines of the log without rows of the database and with personal data masked."""

    def format(self, record: logging.LogRecord) -> str:
        """As it is written."""
        return without_records(super().format(record))


def without_records(said: str) -> str:
    """A message or traceback without the rows that a database quotes, with personal data masked."""
    kept = []
    for line in _ROW.sub(r"\1: (left out)", said).split("\n"):
        code = _CODE.match(line)
        start = code[0] if code else ""
        kept.append(start + redact(line[len(start) :]).text)
    return "\n".join(kept)
