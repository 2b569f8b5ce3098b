"""The file of a backup: a packed archive of known parts, each held against its digest, read and written as a stream.

What isn't byte for byte as it was written is refused: the header of the packing is fixed, the packing's own check is
read to its end, and the last part lists the digest of every other one.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

FIRST, LAST = "rukun.json", "manifest.json"
#: Names of parts; nothing else is read, so no name can lead out of the folder of photos.
TABLE = re.compile(r"tables/([a-z_]+\.[a-z_]+)\.jsonl")
PHOTO = re.compile(r"photos/([0-9a-f]{2}/[0-9a-f]{32}\.jpg)")
#: What the packing begins with: no name, no time, no system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
#: More than any part that is held in memory at once can be.
_MOST = {FIRST: 1 << 20, LAST: 256 << 20}
MOST_PHOTO = 64 << 20
_BLOCK = 1 << 20


class BackupError(RuntimeError):
    """A file that can't be restored, or a place that it can't be restored to; the message says what to do."""


class Writer:
    """A backup as it is written: `digests` are those of the parts so far."""

    def __init__(self, packed: IO[bytes], beside: Path) -> None:
        """packed: where to; beside: folder for what has to be measured before it is written."""
        self.tar = tarfile.open(fileobj=packed, mode="w|")  # noqa: SIM115 - closed by `writing`
        self.beside = beside
        self.digests: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> None:
        """A part that is in memory."""
        self._add(name, io.BytesIO(content), len(content))
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def stream(self, name: str, write: Callable[[IO[str]], int]) -> int:
        """A part that `write` writes as text; what it returns.

        A part's size stands before it, so it goes through a file without a name, which nobody else can open.
        """
        import tempfile

        with tempfile.TemporaryFile(dir=self.beside) as whole:
            text = io.TextIOWrapper(whole, "utf-8", newline="\n")
            written = write(text)
            text.flush()
            size = whole.tell()
            whole.seek(0)
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
            whole.seek(0)
            self._add(name, whole, size)
            text.detach()
        self.digests[name] = digest
        return written

    def finish(self, **said: Any) -> None:
        """The last part: every digest, and what else is to be known of the whole."""
        last = json.dumps({"files": self.digests, **said}, sort_keys=True).encode()
        self._add(LAST, io.BytesIO(last), len(last))
        self.tar.close()

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size = size
        self.tar.addfile(member, content)
        # the archive would remember every part for a listing that nobody asks for
        self.tar.members = []


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A writer whose file is at `path` once the block has ended well; otherwise nothing is left. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with gzip.GzipFile("", mode="wb", compresslevel=3, fileobj=raw, mtime=0) as packed:
                yield Writer(packed, path.parent)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def damage_said(path: Path) -> Iterator[None]:
    """What reading a damaged file raises, as BackupError in words."""
    try:
        yield
    except FileNotFoundError as gone:
        raise BackupError(f"there is no file {path}") from gone
    except EOFError as cut:
        raise BackupError(_cut(path)) from cut
    except (gzip.BadGzipFile, tarfile.TarError, zlib.error, ValueError, OverflowError, IsADirectoryError) as wrong:
        raise BackupError(
            f"{path.name} is no backup of Rukun, or it is damaged ({wrong}). Take another one."
        ) from wrong


def parts(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names and contents of the parts, the first one first; each content is to be read before the next is asked for.

    Raises BackupError for a part that no backup has; what `damage_said` words when the file is damaged.
    """
    seen: set[str] = set()
    with path.open("rb") as raw:
        header = raw.read(len(_HEADER))
        if header != _HEADER:
            if len(header) < len(_HEADER) and _HEADER.startswith(header):
                raise EOFError
            raise BackupError(f"{path.name} is no backup of Rukun, or its beginning is damaged. Take another one.")
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw, mode="rb") as packed:
            with tarfile.open(fileobj=packed, mode="r|") as tar:
                for member in tar:
                    _check_member(path, member, seen)
                    content = tar.extractfile(member)
                    assert content is not None, "it is a regular file"
                    yield member.name, content
                    tar.members = []
            # to the end: the packing's own check is there, and nothing but padding may be before it
            while block := packed.read(_BLOCK):
                if block.strip(b"\0"):
                    raise BackupError(f"{path.name} was altered: something was added at its end. Take another backup.")


def checked(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first and the last part of a backup that was read to its end and is whole. Raises BackupError."""
    digests: dict[str, str] = {}
    kept: dict[str, dict[str, Any]] = {}
    with damage_said(path):
        for name, content in parts(path):
            digest = hashlib.sha256()
            whole = bytearray()
            while block := content.read(_BLOCK):
                digest.update(block)
                if name in _MOST:
                    whole += block
            if name in _MOST:
                kept[name] = json.loads(whole)
            if name != LAST:
                digests[name] = digest.hexdigest()
        if FIRST not in kept:
            raise BackupError(f"{path.name} is no backup of Rukun, or its beginning is missing. Take another one.")
        if LAST not in kept:
            raise BackupError(_cut(path))
        written = kept[LAST].get("files", {})
        if written != digests:
            wrong = sorted(set(written.items()) ^ set(digests.items()))[0][0]
            raise BackupError(f"{path.name} was altered: {wrong} isn't what was written. Take another backup.")
    return kept[FIRST], kept[LAST]


def lines(content: IO[bytes], longest: int = 64 << 20) -> Iterator[bytes]:
    """The lines of a part, one at a time. Raises ValueError for one that is longer than any record is."""
    while line := content.readline(longest):
        if not line.endswith(b"\n"):
            raise ValueError("a record has no end")
        yield line


def _check_member(path: Path, member: tarfile.TarInfo, seen: set[str]) -> None:
    name = member.name
    known = name in _MOST or TABLE.fullmatch(name) or PHOTO.fullmatch(name)
    if not member.isreg() or not known or name in seen:
        raise BackupError(f"{path.name} holds {name!r}, which no backup of Rukun does. Take another one.")
    most = _MOST.get(name, MOST_PHOTO if PHOTO.fullmatch(name) else None)
    if most is not None and member.size > most:
        raise BackupError(f"{path.name}: {name} is larger than in any backup of Rukun ({member.size:,} bytes).")
    seen.add(name)


def _cut(path: Path) -> str:
    return f"{path.name} is cut: its end is missing. Take another backup; this one can't be restored whole."
