"""The province of the server's tests."""

from province import clean_trail, province  # noqa: F401
