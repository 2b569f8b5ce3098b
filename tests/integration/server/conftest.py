"""The province of the server's tests."""

from province import clean_trail, device, province  # noqa: F401
