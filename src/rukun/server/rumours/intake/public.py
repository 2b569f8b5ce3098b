"""What the public sends in, without an account: nothing is kept of who sent it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils.crypto import salted_hmac

from rukun.server import limits
from rukun.server.people.services import Refused
from rukun.server.rumours.intake.receiving import Received, Taken, take
from rukun.server.rumours.states import Channel

MOST_PUBLIC = 4000
MOST_PICTURE = 3 << 20
#: From one address in ten minutes, and from everybody together: beyond that somebody floods the desk.
_MOST, _MOST_OF_ALL, _SECONDS = 5, 300, 600


class TooOften(Refused):
    """Too much from one address, or from everybody. seconds: after how many to come back."""

    def __init__(self, seconds: int) -> None:
        """With how long to wait."""
        said = f"Terlalu banyak kiriman. Coba lagi {seconds // 60 + 1} menit lagi."
        super().__init__("too many at once: wait a little and send it again", "", said)
        self.seconds = seconds


@dataclass(frozen=True)
class PublicIn:
    """What the form gives. token: made with the form, so that sending it twice stores it once; village: a code, or "".

    trap: a field that people don't see and machines fill in; picture: the bytes of a file, or None.
    """

    text: str
    at: dt.datetime | None = None
    village: str = ""
    trap: str = ""
    token: UUID | None = None
    picture: bytes | None = None


def take_public(given: PublicIn, address: str) -> None:
    """Store what somebody saw. address: counted against for ten minutes as a keyed digest, and never stored with it.

    What fell into the trap is answered like the rest and stored nowhere. Raises TooOften, Refused naming the field.
    """
    wait = limits.hit(f"form:{_counted_as(address)}", _MOST, _SECONDS) or limits.hit("form", _MOST_OF_ALL, _SECONDS)
    if wait:
        raise TooOften(wait)
    if len(given.text) > MOST_PUBLIC:
        raise Refused(
            f"longer than {MOST_PUBLIC} characters", "text", f"Paling panjang {MOST_PUBLIC} huruf: kirim intinya saja."
        )
    if not given.text.strip() and given.picture is None:
        raise Refused("there is no message in it", "text", "Tempelkan isi kabar yang Anda terima.")
    if given.picture is not None and len(given.picture) > MOST_PICTURE:
        raise Refused(
            f"the picture is larger than {MOST_PICTURE >> 20} MB",
            "picture",
            f"Gambar paling besar {MOST_PICTURE >> 20} MB.",
        )
    if given.trap.strip():
        return
    source = str(given.token or uuid4())
    taken: Taken = take(Channel.FORM, [Received(source, given.text, given.at, given.village, "", given.picture)])
    for why in taken.refused:
        raise Refused(why, "", "Kiriman ini tidak dapat diterima: periksa desa, tanggal dan gambarnya.")


def _counted_as(address: str) -> str:
    return salted_hmac("rukun.rumours.form", address, algorithm="sha256").hexdigest()[:32]
