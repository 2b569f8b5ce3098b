"""A text as words and signs, and what single tokens look like: initials, acronyms, degrees behind a name."""

from __future__ import annotations

import re
from typing import Final

from rukun.core.text.callings import ACRONYMS
from rukun.core.text.kinds import MASK_PATTERN, word_set

_TOKEN: Final = re.compile(rf"{MASK_PATTERN}|[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|\n|[(\[{{]+|[^\w\s]|_")
#: Short names and acronyms that look like initials.
_NO_INITIALS: Final = ACRONYMS | word_set("muh moh abd hj drs dra ode st sit")
_DEGREE: Final = re.compile(
    r"(?:[ \t]?,?[ \t]?(?:(?:S|M|A)\.[ ]?(?:I\.)?(?:H|E|T|P|Pd|Si|Sos|Kom|Ag|IP|AP|IK|Hum|Ked|Kes|Kep|Keb|Psi|Ak|TP|Farm|Kn|M|Sc|Eng|Th|Hut|Pi|Pt|Tr|Pd\.I|Md|Fil|Ars|Gz|Sn)(?:\.[A-Z][a-z]*)*\.?"
    r"|(?:SH|SE|ST|SP|SIP|SKM|SIK|MM|MH|MT|MSi|MSc|MPd|SPd|SPdI|SSos|SKom|SAg|SHI|SPi|SHut|AMd|MAP|MAg|MKes|SKep|MBA|MA|Lc|STP)\.?|Ph\.?D|Sp\.[A-Z]{1,3})(?![\w]))+"
)


class Tokens:
    """The tokens of a text: words, digits, single signs, and masks that are there already."""

    def __init__(self, text: str) -> None:
        """Take a text apart, in time proportional to its length."""
        self.text = text
        matches = list(_TOKEN.finditer(text))
        self.words = [match.group() for match in matches]
        self.lows = [word.lower() for word in self.words]
        self.starts = [match.start() for match in matches]
        self.ends = [match.end() for match in matches]
        self.count = len(matches)
        letters = [word for word in self.words if len(word) > 2 and word.isalpha()]
        #: In a heading every word has one: there the ordinary words end a name.
        self.titled = sum(word[0].isupper() for word in letters) > 0.7 * len(letters) and len(letters) > 4
        #: In a text of capitals a capital says nothing.
        self.shouted = sum(map(str.isupper, letters)) > 0.6 * len(letters)

    def low(self, at: int) -> str:
        """The token in small letters, "" outside of the text."""
        return self.lows[at] if 0 <= at < self.count else ""

    def word(self, at: int) -> bool:
        """Whether there is a token and it is a word."""
        return at < self.count and self.words[at][0].isalpha()

    def capital(self, at: int) -> bool:
        """Whether it is a word with a capital that says something."""
        return not self.shouted and self.word(at) and self.words[at][0].isupper()


def acronym(read: Tokens, at: int) -> bool:
    """Whether the token is short and all in capitals in a text that isn't."""
    word = read.words[at]
    return not read.shouted and word.isupper() and len(word) > 1 and (len(word) <= 4 or word.lower() in ACRONYMS)


def initials_at(read: Tokens, at: int) -> int | None:
    """The last token of initials: "AR", "H.A.", "S."; none in a text of capitals but with a stop."""
    last, letters = None, 0
    while (
        read.word(at)
        and read.words[at].isupper()
        and letters + len(read.words[at]) <= 4
        and read.lows[at] not in _NO_INITIALS
    ):
        letters += len(read.words[at])
        last = at
        if read.low(at + 1) == "." and read.starts[at + 1] == read.ends[at]:
            last = at + 1
            if at + 2 < read.count and read.starts[at + 2] > read.ends[at + 1]:
                break
            at += 2
        else:
            break
    # "I Made", "M. Saleh": the first letters of a longer name
    if last is not None and read.capital(last + 1) and len(read.words[last + 1]) > 2 and letters == 1:
        return None
    return last


def with_degrees(read: Tokens, last: int) -> int:
    """Where a name ends that may carry degrees behind it: they name nobody, but they narrow down who it is."""
    degrees = _DEGREE.match(read.text, read.ends[last])
    return degrees.end() if degrees else read.ends[last]
