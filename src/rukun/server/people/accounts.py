"""Signing in: what differs from the library's ways."""

from __future__ import annotations

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.limits import address_of
from rukun.server.people.models import User
from rukun.server.people.passwords import change_own
from rukun.server.problems import problem


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: accounts are made by an administrator."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the proxy in front saw it, or without one as it is."""
        return address_of(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def clean_password(self, password: str, user: User | None = None) -> str:
        """A new password, which is another than the old one. Raises ValidationError."""
        if user is not None and user.check_password(password):
            raise ValidationError("Pilihlah kata sandi yang lain dari yang lama.")
        return str(super().clean_password(password, user))

    def set_password(self, user: User, password: str) -> None:
        """As its owner chose it, noted in the trail."""
        change_own(user, password)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are kept encrypted: a stolen backup holds none that can be used without the key."""

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """The answer after too many failures: the same whether the name exists or not."""
    if request.path.startswith("/api/"):
        return problem(429, "locked-out", "too many failed attempts: wait a quarter of an hour")
    return render(request, "interface/locked.html", status=429)


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + settings.SECRET_KEY.encode()).digest()))
