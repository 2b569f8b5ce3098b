"""Messages as they are after they went through many hands: seeded typing noise, slang, cuts and forwards."""

from __future__ import annotations

import random
import re

#: Neighbours on a phone's keyboard.
_NEAR = {
    **dict(zip("qwertyuiop", "wertyuiopo", strict=True)),
    **dict(zip("asdfghjkl", "sdfghjklk", strict=True)),
    **dict(zip("zxcvbnm", "xcvbnmn", strict=True)),
}
_PAIRS = (
    "yang:yg tidak:gak dengan:dgn untuk:utk sudah:udah karena:krn dalam:dlm orang:org juga:jg dari:dr "
    "pada:pd akan:akn bisa:bs banyak:byk saja:aja juta:jt ribu:rb tersebut:tsb jadi:jd belum:blm "
    "kalau:klo saya:sy lagi:lg seperti:kyk semua:smua pemerintah:pmrintah bantuan:bntuan "
    "presiden:presdn meninggal:mninggal rumah:rmh sekarang:skrg masyarakat:masy"
)
_SLANG = dict(pair.split(":") for pair in _PAIRS.split())
_HEADS = (
    "Diteruskan berkali-kali\n",
    "Copas dari grup sebelah:\n",
    "*Fwd:* ",
    "Info valid dari teman!!! ",
    "Assalamualaikum, ijin share 🙏 ",
    "VIRALKAN!! ",
)
_TAILS = (
    "\nSebarkan ke grup lain sebelum dihapus!",
    " 🙏🙏",
    "\n_Semoga bermanfaat_",
    " tolong dishare ya gaes",
    "\nhttps://contoh.example/x1",
    " ⚠️⚠️⚠️",
)
_LEET = str.maketrans("aeio", "4310")


def noisy(text: str, seed: int, strength: float = 1.0) -> str:
    """A message with typing noise, slang, elongation, now and then leet, a cut end, a forward's head and tail."""
    rng = random.Random(seed)
    words = re.split(r"(\s+)", text)
    kept = sum(map(str.isalpha, words))
    if kept > 14 and rng.random() < 0.3 * strength:
        words = words[: max(20, int(len(words) * rng.uniform(0.55, 0.9)))]
    out = "".join(_word(word, rng, strength) for word in words)
    if rng.random() < 0.15 * strength:
        out = out.upper()
    if rng.random() < 0.5 * strength:
        out = rng.choice(_HEADS) + out
    if rng.random() < 0.4 * strength:
        out += rng.choice(_TAILS)
    return out


def _word(word: str, rng: random.Random, strength: float) -> str:
    low = word.lower()
    if low in _SLANG and rng.random() < 0.5 * strength:
        return _SLANG[low]
    if not word.isalpha() or len(word) < 4:
        return word
    chance = rng.random()
    at = rng.randrange(1, len(word) - 1)
    if chance < 0.03 * strength:
        return word[:at] + word[at + 1 :]
    if chance < 0.06 * strength:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if chance < 0.09 * strength:
        return word[:at] + _NEAR.get(low[at], word[at]) + word[at + 1 :]
    if chance < 0.11 * strength:
        return word[:at] + word[at] + word[at:]
    if chance < 0.125 * strength:
        return word + word[-1] * 3
    return word.translate(_LEET) if chance < 0.14 * strength else word
