"""Messages that people forward to the desk's mailbox. From, To and the lines that quote them are dropped unread."""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import email.message
import email.policy
import html.parser
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from rukun.server.config import ConfigurationError
from rukun.server.rumours.intake.receiving import Received, Taken, take
from rukun.server.rumours.states import Channel

#: A mail that is larger is left unread in the mailbox, for a person.
MOST_BYTES = 10 << 20
_MOST_MAILS, _MOST_PICTURES, _SECONDS = 100, 4, 30
_LOCAL = ("localhost", "127.0.0.1", "::1")
#: Lines with which mail programs quote who wrote to whom, in Indonesian and English.
_NAMES = "dari|from|kepada|to|tembusan|cc|bcc|balas ke|reply-to"
_QUOTED = re.compile(
    rf"^[>\s*]*(?:(?:{_NAMES})\s*:.*|(?:pada|on) .{{0,200}}(?:menulis|wrote)\s*:\s*"
    r"|-{2,} ?(?:pesan|original|forwarded|diteruskan).*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mailbox:
    """Where the desk's mail lies."""

    host: str
    port: int
    secure: bool
    user: str
    password: str
    folder: str


def mailbox_of(url: str) -> Mailbox:
    """The mailbox of `imaps://user:password@host:993/FOLDER`; imap:// only on this machine.

    Raises ConfigurationError, without the password in it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        raise ConfigurationError("RUKUN_MAIL: the port must be a number") from None
    secure = parts.scheme == "imaps"
    if not secure and not (parts.scheme == "imap" and host in _LOCAL):
        raise ConfigurationError("RUKUN_MAIL must begin with imaps://: a password isn't sent in the open")
    if not host or not parts.username or parts.password is None:
        raise ConfigurationError("RUKUN_MAIL must be imaps://user:password@host/FOLDER")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Mailbox(
        host, port or (993 if secure else 143), secure, unquote(parts.username), unquote(parts.password), folder
    )


def read_mailbox(box: Mailbox) -> Taken:
    """Take what is unread, and mark as read what was taken or holds nothing; the mailbox keeps the mails.

    Raises OSError or imaplib.IMAP4.error where the server can't be reached or doesn't let us in.
    """
    total = Taken()
    with _opened(box) as server:
        _said(server.select(f'"{_escaped(box.folder)}"'))
        (found,) = _said(server.uid("SEARCH", "UNSEEN", "SMALLER", str(MOST_BYTES)))
        for number in (found or b"").decode().split()[:_MOST_MAILS]:
            parts = _said(server.uid("FETCH", number, "(BODY.PEEK[])"))
            content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            total = total + take(Channel.MAIL, messages_in(content))
            # only now: what isn't stored yet is found again the next time
            _said(server.uid("STORE", number, "+FLAGS", r"(\Seen)"))
    return total


def messages_in(content: bytes) -> list[Received]:
    """What a mail passes on: its words, and its pictures."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    source = str(mail.get("Message-ID", "")).strip() or content[:4000].hex()
    at = _date_of(mail)
    words = without_quotes(_words_of(mail))
    pictures = list(_pictures_of(mail))[:_MOST_PICTURES]
    if not pictures:
        return [Received(source, words, at)] if words else []
    # the words go with the first picture, as in the message that was forwarded
    return [
        Received(f"{source} {number}", words if number == 0 else "", at, picture=picture)
        for number, picture in enumerate(pictures)
    ]


def without_quotes(text: str) -> str:
    """A text without the lines that say who wrote what to whom, and without the marks of quoting."""
    lines = (line for line in text.splitlines() if not _QUOTED.match(line))
    plain = "\n".join(re.sub(r"^(?:>\s?)+", "", line).rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def words_of_html(text: str) -> str:
    """The words that a reader of some HTML would see, in its lines."""
    reader = _Text()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)


class _Text(html.parser.HTMLParser):
    """The words of an HTML mail."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("style", "script", "head")
        if tag in ("p", "div", "br", "tr", "li"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "head") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _words_of(mail: email.message.EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        words = str(part.get_content())
    except (LookupError, ValueError, KeyError):
        # a character set that there isn't
        words = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
    return words_of_html(words) if part.get_content_type() == "text/html" else words


def _pictures_of(mail: email.message.EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                yield content


def _date_of(mail: email.message.EmailMessage) -> dt.datetime | None:
    try:
        read = parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=dt.UTC)


@contextlib.contextmanager
def _opened(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    server: imaplib.IMAP4
    if box.secure:
        context = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=_SECONDS)
    else:
        server = imaplib.IMAP4(box.host, box.port, timeout=_SECONDS)
    try:
        server.login(box.user, box.password)
        yield server
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _said(answer: tuple[str, list[object]]) -> list[object]:
    kind, parts = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("the mail server refuses: look at folder and rights of RUKUN_MAIL")
    return parts


def _escaped(folder: str) -> str:
    return folder.replace("\\", "\\\\").replace('"', '\\"')
