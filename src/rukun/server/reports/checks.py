"""What everything that is filed is held to: words of the taxonomy, possible times, masked text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils import timezone

from rukun.core.text.redact import redact
from rukun.server.people.services import Refused

#: A phone's clock may be ahead by this much.
_AHEAD = dt.timedelta(hours=12)
_OLDEST = dt.timedelta(days=5 * 366)
_POINT = Decimal("0.001")
MOST_TEXT = 4000


def masked_text(field: str, text: str, most: int = MOST_TEXT) -> tuple[str, dict[str, int]]:
    """A text as it may be stored, and how much of each kind of personal data was masked. Raises Refused."""
    if len(text) > most:
        raise Refused(f"longer than {most} characters", field, f"Paling panjang {most} huruf: persingkat teksnya.")
    # databases can't hold zero bytes; other control characters say nothing
    plain = "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()
    done = redact(plain)
    masked: dict[str, int] = {}
    for span in done.spans:
        masked[str(span.kind)] = masked.get(str(span.kind), 0) + 1
    return done.text, masked


def together(*counts: Mapping[str, int]) -> dict[str, int]:
    """Numbers of what was masked, added up by kind."""
    return {kind: sum(each.get(kind, 0) for each in counts) for each in counts for kind in each}


def among(field: str, value: str, allowed: Collection[str]) -> None:
    """Raises Refused where a value is none of the allowed ones."""
    if value not in allowed:
        raise Refused(
            f'"{value}" is none of {", ".join(allowed)}',
            field,
            "Pilihan ini tidak dikenal: pilih dari daftar yang ada.",
        )


def in_time(field: str, moment: dt.datetime) -> None:
    """Raises Refused for moments without zone, in the future, or that no record is filed of any more."""
    if timezone.is_naive(moment):
        raise Refused(
            "a time needs its zone, such as 2024-11-05T14:30:00+08:00",
            field,
            "Waktu harus disertai zonanya, misalnya 2024-11-05T14:30:00+08:00.",
        )
    now = timezone.now()
    if moment > now + _AHEAD:
        raise Refused(
            "this lies in the future: check the clock of the phone, correct the time and send it again",
            field,
            "Waktu ini belum terjadi: periksa jam telepon, betulkan waktunya, lalu kirim lagi.",
        )
    if moment < now - _OLDEST:
        raise Refused(
            "this is more than five years ago: check the clock of the phone, correct the time and send it again",
            field,
            "Waktu ini lebih dari lima tahun lalu: periksa jam telepon, betulkan waktunya, lalu kirim lagi.",
        )


def coordinate(field: str, value: float | None, most: int) -> Decimal | None:
    """Degrees to three decimals, about 100 m. Raises Refused beyond +-`most`."""
    if value is None:
        return None
    if not -most <= value <= most:
        raise Refused(f"must lie between -{most} and {most} degrees", field, f"Isi antara -{most} dan {most} derajat.")
    return Decimal(repr(value)).quantize(_POINT, ROUND_HALF_EVEN)
