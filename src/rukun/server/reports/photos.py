"""Photos: what they show is kept, nothing else of the file is."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import warnings
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from rukun.server.audit.services import change
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.models import Photo, Report
from rukun.server.reports.storing import OtherContent

MOST_BYTES = 12 << 20
MOST_PHOTOS = 6
_MOST_PIXELS = 60_000_000
_EDGE = 1600
_QUALITY = 80


def add_photo(scope: Scope, report_id: UUID, photo_id: UUID, content: bytes) -> Photo:
    """Attach a photo to an own report, once.

    Raises Report.DoesNotExist out of scope, NotAllowed for others' reports, Refused for what isn't a picture.
    """
    report = Report.objects.visible_to(scope).get(pk=report_id)
    if report.author_id != getattr(scope.user, "pk", None):
        raise NotAllowed(
            "only the officer who filed a report may add photos to it",
            "Hanya petugas pembuat laporan yang dapat menambahkan foto.",
        )
    given = hashlib.sha256(content).hexdigest()
    before = Photo.objects.filter(pk=photo_id).first()
    if before is not None:
        return _repeated(before, report, given)
    drawn = drawn_anew(content)
    path = f"{photo_id.hex[:2]}/{photo_id.hex}.jpg"
    where = Path(settings.MEDIA_ROOT) / path
    # the file first, whole, under its name; a row without its file is worse than a file without its row,
    # which `rukun doctor` finds
    _write_whole(where, drawn)
    try:
        with change(scope.actor) as trail:
            locked = Report.objects.select_for_update().get(pk=report.pk)
            if locked.photos.count() >= MOST_PHOTOS:
                raise Refused(
                    f"a report holds at most {MOST_PHOTOS} photos",
                    "photo",
                    f"Satu laporan memuat paling banyak {MOST_PHOTOS} foto.",
                )
            photo = Photo(
                id=photo_id,
                report=locked,
                path=path,
                sha256=hashlib.sha256(drawn).hexdigest(),
                size=len(drawn),
                received_at=timezone.now(),
                given=given,
            )
            with transaction.atomic():
                photo.save(force_insert=True)
            trail.add("photo.added", f"report:{report.pk}", photo=str(photo_id), size=len(drawn))
    except IntegrityError:
        return _repeated(Photo.objects.get(pk=photo_id), report, given)
    except BaseException:
        with contextlib.suppress(OSError):
            where.unlink()
        raise
    return photo


def drawn_anew(content: bytes) -> bytes:
    """A JPEG drawn from the points of a picture: without place, time, camera, thumbnail or anything appended.

    Raises Refused for what is too big, no picture, damaged, or a picture that would fill the memory.
    """
    if len(content) > MOST_BYTES:
        most = f"{MOST_BYTES >> 20} MB"
        raise Refused(
            f"the photo is larger than {most}", "photo", f"Foto lebih besar dari {most}: perkecil, lalu kirim lagi."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                if opened.width * opened.height > _MOST_PIXELS:
                    raise Refused(
                        "the photo has too many points",
                        "photo",
                        "Ukuran gambar terlalu besar: perkecil, lalu kirim lagi.",
                    )
                opened.draft("RGB", (_EDGE * 2, _EDGE * 2))
                upright = ImageOps.exif_transpose(opened).convert("RGB")
                upright.thumbnail((_EDGE, _EDGE))
                # a new canvas: nothing that the file carried beside its points comes along
                canvas = Image.new("RGB", upright.size)
                canvas.paste(upright)
    except Refused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise Refused(
            "this is no picture that can be read (JPEG, PNG or WebP)",
            "photo",
            "Berkas ini bukan gambar yang dapat dibaca (JPEG, PNG, atau WebP).",
        ) from wrong
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError) as wrong:
        raise Refused(
            "the picture is damaged: take or send it again",
            "photo",
            "Gambarnya rusak: ambil lagi atau kirim ulang.",
        ) from wrong
    drawn = io.BytesIO()
    canvas.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return drawn.getvalue()


def _repeated(photo: Photo, report: Report, given: str) -> Photo:
    if photo.report_id != report.pk or photo.given != given:
        raise OtherContent(
            "this id was used for another photo: send it under a new one",
            "id",
            "Nomor ini sudah dipakai untuk foto lain: kirim dengan nomor baru.",
        )
    return photo


def _write_whole(where: Path, content: bytes) -> None:
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = where.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(where)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(where.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
