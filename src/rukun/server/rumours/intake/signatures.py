"""Whether a message service really sent what came: compared in constant time, and never when no secret is set."""

from __future__ import annotations

import hashlib
import hmac


def signed(body: bytes, given: str, secret: str) -> bool:
    """Whether `given` is WhatsApp's X-Hub-Signature-256 ("sha256=" and the hex HMAC of the body) under the secret."""
    if not secret:
        return False
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return same(given, f"sha256={made}")


def same(given: str, secret: str) -> bool:
    """Whether a token is the secret, in a time that tells nothing about where they differ."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
