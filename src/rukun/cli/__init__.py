"""The `rukun` command: one short file per verb, no logic of its own."""

from rukun.cli.app import app
from rukun.cli.running import main

__all__ = ["app", "main"]
