"""Addresses of mail, links to profiles and names of accounts in social networks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rukun.core.text.kinds import Found, word_set
from rukun.core.text.words import ordinary

_MAIL: Final = re.compile(r"(?<![\w.+\-])[\w.+\-]++@(?=[\w\-]{0,40}[A-Za-z])[\w\-]++(?:\.[A-Za-z0-9\-]{2,}+)*+")
_TOP: Final = r"(?:com|kom|co|id|net|org|info|go|ac|sch|web|my|or|me|xyz|io|edu|gov)"
_MAKER: Final = (
    r"(?:gmail|gmal|gmial|googlemail|yahoo|ymail|rocketmail|hotmail|outlook|live|icloud|proton(?:mail)?|mail)"
)
_MAIL_SAID: Final = re.compile(
    r"(?<![\w.+\-])(?:\w{1,30}\s(?:titik|dot|strip|minus|min|underscore|garis bawah|garis datar|garis miring|tanda hubung|angka)\s){0,3}[\w.+\-]++(?:@\s|\s@\s|\s@(?=gmail|yahoo|ymail|hotmail|outlook)|\s?[(\[{<]\s?(?:at|a|et|@)\s?[)\]}>]\s?|\s(?:at|et)\s|\s?_at_\s?)"
    rf"(?:[A-Za-z][\w\-]*+(?:\s?(?:\.|[(\[{{<]\s?(?:dot|titik|\.)\s?[)\]}}>]|\b(?:dot|titik)\b)\s?{_TOP}\b){{1,3}}|{_MAKER}\b(?:\s{_TOP}\b)?)",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"(?:https?://|hxxps?://)?(?:[a-z\-]{1,10}\.)?(?:facebook\.com|fb\.com|fb\.me|fb\.watch|fb\.gg|messenger\.com|m\.me|instagram\.com|instagr\.am|ig\.me|tiktok\.com|twitter\.com"
    r"|x\.com|t\.me|telegram\.me|telegram\.dog|wa\.me|whatsapp\.com|wa\.link|youtube\.com|youtu\.be|threads\.net|threads\.com|linkedin\.com|lnkd\.in|line\.me|lin\.ee|snapchat\.com"
    r"|discord\.gg|discord\.com|linktr\.ee|lynk\.id|bsky\.app|reddit\.com|pinterest\.com|pin\.it|likee\.video|bigo\.tv|snackvideo\.com|kwai\.com|signal\.me|michat\.sg|tumblr\.com|quora\.com|medium\.com|saweria\.co|trakteer\.id)"
    r"/[^\s,;)\]>\"']++",
    re.IGNORECASE,
)
#: Once how Discord told accounts apart.
_NUMBERED: Final = re.compile(r"(?<![\w.])[A-Za-z_][\w.]{1,30}#\d{4}(?!\d)")
_AT: Final = re.compile(r"(?<![\w@./])@(?=[\w.\-]{0,40}[^\W\d_])\w[\w.\-]{0,60}")
_NETWORK: Final = (
    "fb|facebook|fesbuk|pesbuk|efbi|ig|insta|instagram|tiktok|tik tok|toktok|twitter|telegram|tele|threads|youtube|yt"
    "|snapchat|michat|mi chat|wechat|discord|bigo|linkedin|messenger|bluesky|likee|shopee|tokopedia|lazada|bukalapak|olx|mobile legends|pubg|roblox|steam|skype|zoom|gojek|grab"
)
_WEAK: Final = "line|x|media sosial|medsos|wa|whatsapp|sosmed"
_ACCOUNT: Final = re.compile(
    rf"(?<![\w/.@])(?P<lead>(?:nama |id |user ?(?:name|id)? )?(?:akun|profil|username|user name|userid|usn|nickname|fanspage|fanpage|channel|kanal|(?:{_NETWORK})|id (?:{_WEAK}))(?:[ \-]?nya|ku)?|(?:{_WEAK}) id)(?!\w)"
    rf"(?P<fill>(?:[ \t:=/(]{{1,3}}(?:(?:{_NETWORK}|{_WEAK})(?:nya|-nya)?|akun(?:nya)?|username|milik|punya|bernama|atas nama|a\.?n\.?|a/n|dengan nama|nama|yaitu|dgn|adalah|palsu|bodong|anonim|pelaku|korban|pribadi|tersebut)(?!\w)){{0,5}}+)"
    r"(?P<sep>[ \t]{0,2}[:=]?[ \t]{0,2})",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[\"“”']([^\"“”'\n]{2,40})[\"“”']")
_HANDLE: Final = re.compile(r"@?(?=[\w.\-]{0,40}[._\d])(?=[\w.\-]{0,40}[^\W\d_])\w[\w.\-]{1,40}")
_CAPITALS: Final = re.compile(r"[A-Z][\w']{0,30}(?:[ \t](?:[A-Z][\w']{0,30}|\d{1,4}(?![\d.,]))){0,3}")
_SMALL: Final = re.compile(r"[a-z][a-z']{2,30}")
_TOLD: Final = re.compile(
    r"bernama|atas nama|a[./]?n\b|dengan nama|nama|username|user|usn|nickname|\bid\b", re.IGNORECASE
)
_OF_THE_STATE: Final = word_set(
    "polri polda polres polresta polsek humas dinas diskominfo kominfo pemkab pemkot pemprov bmkg bpbd kpu bawaslu "
    "universitas kementerian resmi"
)
_SITE: Final = re.compile(r"(?:[\w\-]+\.)+(?:com|id|net|org|co|go)", re.IGNORECASE)


def networks_in(text: str) -> Iterator[Found]:
    """Mail addresses, profile links, handles and named accounts of a text as it reads; they may overlap."""
    if "@" in text:
        for match in _MAIL.finditer(text):
            yield "email", *match.span()
        for match in _AT.finditer(text):
            end = match.end()
            while text[end - 1] in ".-":
                end -= 1
            yield "handle", match.start(), end
    for match in _MAIL_SAID.finditer(text):
        yield "email", *match.span()
    if "#" in text:
        for match in _NUMBERED.finditer(text):
            yield "handle", *match.span()
    if "/" in text:
        for match in _LINK.finditer(text):
            end = match.end()
            while text[end - 1] in ".!?:*_":
                end -= 1
            yield "handle", match.start(), end
    for match in _ACCOUNT.finditer(text):
        span = _account(text, match)
        if span:
            yield "handle", *span


def _account(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """The name of the account that is spoken of, if one stands there."""
    at, said = match.end(), match.group("lead") + match.group("fill")
    named = ":" in match.group("sep") or "=" in match.group("sep") or _TOLD.search(said) is not None
    account = named or re.search(r"akun|profil|page|channel|kanal|nya\b", said, re.IGNORECASE) is not None
    quoted = _QUOTED.match(text, at)
    if quoted and account:
        return quoted.span(1)
    if not match.group("sep") and not match.group("fill"):
        return None
    handle = _HANDLE.match(text, at)
    if handle:
        end = handle.end()
        while text[end - 1] in ".-":
            end -= 1
        word = text[at:end]
        # "akun lalu" at the end of a sentence, "facebook.com", and "masing-masing" are no handles
        if (
            re.search(r"[._\d]", word)
            and not _SITE.fullmatch(word)
            and not ordinary(word.lower())
            and not word.isdigit()
        ):
            return at, end
    if not account:
        return None
    capitals = _CAPITALS.match(text, at)
    if capitals:
        words = capitals.group().lower().split()
        alone = len(words) == 1 and not named and ordinary(words[0])
        return None if words[0] in _OF_THE_STATE or alone else capitals.span()
    small = _SMALL.match(text, at)
    if small and named and not ordinary(small.group()):
        return small.span()
    return None
