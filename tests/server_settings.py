"""The server's settings for tests: the real ones, with a quick password hash and a database file of its own."""

import os
import tempfile

_HOME = tempfile.mkdtemp(prefix="rukun-test-")
os.environ |= {"RUKUN_SECRET_KEY": "for tests only, " * 4, "RUKUN_HOME": _HOME}
os.environ.setdefault("RUKUN_PLAIN_HTTP", "1")

from rukun.server.settings import *  # noqa: E402, F403
from rukun.server.settings import DATABASES  # noqa: E402

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file and not memory: locks and durability are those of production
    DATABASES["default"]["TEST"] = {"NAME": f"{_HOME}/test.sqlite3"}
