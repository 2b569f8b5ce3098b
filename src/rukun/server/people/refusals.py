"""How a service says no."""

from __future__ import annotations

from rukun.server.audit.services import SYSTEM
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope

#: What a page says where a form came without a part that the page always sends.
UNREADABLE = "Isian tidak lengkap: muat ulang halaman ini, lalu coba lagi."


class NotAllowed(PermissionError):
    """They may not do that; the message says who may. said: the message in Indonesian, for pages."""

    def __init__(self, message: str, said: str = "") -> None:
        """With who may."""
        super().__init__(message)
        self.said = said or message


class Refused(ValueError):
    """It can't be done as asked; the message says why and what to do.

    field: which part of the input, or ""; said: the message in Indonesian, for pages.
    """

    def __init__(self, message: str, field: str = "", said: str = "") -> None:
        """With its reason."""
        super().__init__(message)
        self.field = field
        self.said = said or message


def require_administrator(scope: Scope | None) -> str:
    """The actor's name for the trail; `None` is the system itself (the command line on the server). Raises
    NotAllowed.
    """
    if scope is None:
        return SYSTEM
    if not scope.has(Role.ADMINISTRATOR):
        raise NotAllowed(
            "only an administrator may change units and accounts",
            "Hanya administrator yang mengelola satuan dan akun.",
        )
    return scope.actor


def checked_name(name: str, most: int, field: str = "name") -> str:
    """A name without blanks around it. Raises Refused where it is longer than its column or holds what isn't text."""
    plain = " ".join(name.split())
    if len(plain) > most:
        raise Refused(f"a name has at most {most} letters", field, f"Nama paling panjang {most} huruf.")
    if not plain.isprintable():
        raise Refused("a name is made of letters", field, "Nama hanya berisi huruf dan tanda baca.")
    return plain
