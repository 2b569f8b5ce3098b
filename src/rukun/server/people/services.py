"""Units, accounts, postings and devices: everything that changes them, from one door."""

from rukun.server.people.devices import (
    TOKEN_LIFE,
    digest_of_token,
    register_device,
    revoke_device,
    user_of_token,
)
from rukun.server.people.passwords import change_own, reset_second_factor, set_password
from rukun.server.people.postings import end_posting, post, set_villages, transfer
from rukun.server.people.refusals import UNREADABLE, NotAllowed, Refused, require_administrator
from rukun.server.people.roster import close_account, make_user, rename_user, reopen_account
from rukun.server.people.units import change_coverage, cover, make_unit, rename_unit, succeed_villages, uncover

__all__ = (
    "TOKEN_LIFE",
    "UNREADABLE",
    "NotAllowed",
    "Refused",
    "change_coverage",
    "change_own",
    "close_account",
    "cover",
    "digest_of_token",
    "end_posting",
    "make_unit",
    "make_user",
    "post",
    "register_device",
    "rename_unit",
    "rename_user",
    "reopen_account",
    "require_administrator",
    "reset_second_factor",
    "revoke_device",
    "set_password",
    "set_villages",
    "succeed_villages",
    "transfer",
    "uncover",
    "user_of_token",
)
