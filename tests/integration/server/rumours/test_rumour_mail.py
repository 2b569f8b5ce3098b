"""The desk's mailbox: what people forward is taken once, without From, To and what quotes them."""

import socketserver
import threading
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from django.apps import apps
from django.core import serializers

from rukun.server.audit.models import Entry
from rukun.server.config import ConfigurationError
from rukun.server.rumours import tasks
from rukun.server.rumours.intake.mail import mailbox_of, messages_in, read_mailbox, without_quotes
from rukun.server.rumours.models import Sighting
from rumour_samples import CLAIM

pytestmark = pytest.mark.django_db
FORWARDED = f"""Tolong dicek.

---------- Pesan terusan ---------
Dari: Wa Ode Rahasia <rahasia@example.org>
Kepada: Grup Warga <warga@example.org>

> {CLAIM}

Pada Sel, 24 Nov 2026 Wa Ode Rahasia <rahasia@example.org> menulis:
>> Sebarkan!
"""


def a_mail(text=FORWARDED, number=1, html=None, picture=None):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Wa Ode Rahasia <rahasia@example.org>", "meja@polda.example"
    mail["Subject"], mail["Date"] = "Fwd: dari Rahasia", "Tue, 24 Nov 2026 10:00:00 +0800"
    mail["Message-ID"] = f"<rahasia-{number}@example.org>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    if picture:
        mail.add_attachment(picture, maintype="image", subtype="png", filename="Wa Ode Rahasia.png")
    return mail.as_bytes()


@contextmanager
def mail_server(mails, password="p@ss word", refuses=()):
    """A mail server of one folder, as far as RFC 3501 is needed to read it. mails: [content, seen]."""

    class Session(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            self.say("* OK ready")
            while line := self.rfile.readline().decode().strip():
                tag, _, command = line.partition(" ")
                name = command.upper()
                if name.startswith("LOGIN"):
                    good = f'"{password}"' in command
                    self.say(f"{tag} {'OK' if good else 'NO [AUTHENTICATIONFAILED]'} login")
                elif name.startswith("UID SEARCH"):
                    unseen = [str(i) for i, (_, seen) in enumerate(mails, 1) if not seen]
                    self.say(f"* SEARCH {' '.join(unseen)}".rstrip())
                    self.say(f"{tag} OK search")
                elif name.startswith("UID FETCH"):
                    number = int(command.split()[2])
                    if number in refuses:
                        self.say(f"{tag} NO fetch")
                        continue
                    content = mails[number - 1][0]
                    self.wfile.write(f"* {number} FETCH (UID {number} BODY[] {{{len(content)}}}\r\n".encode())
                    self.wfile.write(content + b")\r\n")
                    self.say(f"{tag} OK fetch")
                elif name.startswith("UID STORE"):
                    mails[int(command.split()[2]) - 1][1] = True
                    self.say(f"{tag} OK store")
                elif name == "LOGOUT":
                    self.say("* BYE")
                    self.say(f"{tag} OK logout")
                    return
                elif name.startswith("CAPABILITY"):
                    self.say("* CAPABILITY IMAP4rev1")
                    self.say(f"{tag} OK capability")
                else:
                    self.say(f"* {len(mails)} EXISTS")
                    self.say(f"{tag} OK done")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"imap://meja:p%40ss%20word@127.0.0.1:{server.server_address[1]}/INBOX"
        server.shutdown()


def stored():
    models = [*apps.get_app_config("rumours").get_models(), Entry]
    return "".join(serializers.serialize("json", model.objects.all()) for model in models)


def test_unread_mails_are_taken_once_and_marked_as_read(province):
    mails = [[a_mail(), False], [a_mail(number=2, text="Sudah lama."), True], [a_mail(number=3, text=""), False]]
    with mail_server(mails) as url:
        first, again = read_mailbox(mailbox_of(url)), read_mailbox(mailbox_of(url))
        mails[0][1] = False
        third = read_mailbox(mailbox_of(url))
    assert [each.stored for each in (first, again, third)] == [1, 0, 0] and third.known == 1
    assert all(seen for _, seen in mails)
    assert CLAIM in Sighting.objects.get().text and Sighting.objects.get().channel == "mail"
    assert "rahasia" not in stored().lower() and "example" not in stored()


def test_a_mail_that_cant_be_read_now_is_found_again(province):
    mails = [[a_mail(), False], [a_mail(number=2, text=CLAIM), False]]
    with mail_server(mails, refuses=(2,)) as url, pytest.raises(Exception, match="RUKUN_MAIL"):
        read_mailbox(mailbox_of(url))
    assert [seen for _, seen in mails] == [True, False]
    with mail_server(mails) as url:
        assert read_mailbox(mailbox_of(url)).stored == 1


def test_a_server_that_doesnt_let_us_in_breaks_nothing_and_no_password_is_logged(province, settings, caplog):
    with mail_server([], password="another") as url:
        settings.RUKUN_MAIL = url
        assert tasks.read_mail.call() == 0
    settings.RUKUN_MAIL = "imap://meja:p%40ss@127.0.0.1:9/INBOX"
    assert tasks.read_mail.call() == 0
    assert caplog.text.count("RUKUN_MAIL") == 2 and "p%40ss" not in caplog.text and "p@ss" not in caplog.text
    settings.RUKUN_MAIL = ""
    assert tasks.read_mail.call() == 0


@pytest.mark.parametrize(
    "url", ["imap://u:secret@mail.example/", "http://u:secret@x/", "imaps://mail.example", "imaps://u:secret@h:x/", ""]
)
def test_a_mailbox_is_named_whole_and_its_password_never_sent_in_the_open(url):
    with pytest.raises(ConfigurationError) as told:
        mailbox_of(url)
    assert "secret" not in str(told.value) and "RUKUN_MAIL" in str(told.value)


def test_words_of_html_are_read_without_what_isnt_seen():
    page = f"<html><head><title>x</title><style>p {{}}</style></head><body><p>{CLAIM}</p><script>y()</script></body>"
    mail = EmailMessage()
    mail["Message-ID"] = "<1@x>"
    mail.set_content(page, subtype="html")
    assert [each.text for each in messages_in(mail.as_bytes())] == [CLAIM]


def test_a_picture_comes_with_its_words():
    (each,) = messages_in(a_mail(text=CLAIM, picture=b"PNG"))
    assert (each.text, each.picture) == (CLAIM, b"PNG")
    (again,) = messages_in(a_mail(text=CLAIM, picture=b"PNG"))
    assert again.source == each.source


def test_lines_that_say_who_wrote_to_whom_are_dropped_and_the_message_is_kept():
    plain = without_quotes(FORWARDED)
    assert plain == f"Tolong dicek.\n\n{CLAIM}\n\nSebarkan!"
    for line in ("From: a@b.c", "> To: x", "On Tue, X <x@y> wrote:", "-----Original Message-----", "Balas ke: z"):
        assert without_quotes(f"{line}\nIsi") == "Isi", line
    for line in ("Dari kemarin listrik padam", "Untuk warga", "Tanggal: 27 November", "Pada hari Selasa"):
        assert without_quotes(line) == line


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00", b"Content-Type: text/plain; charset=nothing\n\nisi", b"a" * 9999]
)
def test_any_bytes_are_read_as_a_mail_without_breaking(content):
    assert all(each.source for each in messages_in(content))
