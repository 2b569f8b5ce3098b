"""Texts for simulated rumours: each telling is worded anew, cut, misspelled or passed on; chatter goes around them.

No message names anybody; everything is marked as an exercise.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from rukun.core.areas import FloatArray, IntArray
from rukun.exercise.rumours import Sightings

#: (class of harm, what is claimed); {n} is a number, {p} a place that is made up, {d} a day.
CLAIMS: Final = (
    ("voting", "Pencoblosan di {p} diundur {n} hari karena surat suara rusak"),
    ("voting", "TPS {n} di {p} dipindah ke balai desa mulai {d}"),
    ("voting", "{n} karung surat suara sudah tercoblos ditemukan di gudang {p}"),
    ("health", "Air sumur di {p} mengandung racun, {n} orang sudah dirawat di rumah sakit"),
    ("health", "Minum rebusan daun {n} hari menyembuhkan demam berdarah, terbukti di {p}"),
    ("scam", "Bantuan {n} juta sudah cair untuk warga {p}, isi formulir di tautan sebelum {d}"),
    ("scam", "Undian pulsa gratis untuk {n} warga {p}, kirim kode OTP sekarang"),
    ("disaster", "Tanggul di {p} retak, air akan naik {n} meter {d}, segera mengungsi"),
    ("disaster", "Gempa besar akan terjadi di {p} {d} dengan kekuatan {n} magnitudo"),
    ("violence", "Malam ini kampung {p} akan diserang {n} orang, siapkan parang"),
    ("hatred", "Pendatang di {p} diam-diam menguasai {n} hektare tanah adat, mereka musuh kita"),
    ("other", "Harga minyak tanah di {p} naik jadi {n} ribu mulai {d}"),
    ("other", "Jembatan {p} ditutup {n} hari mulai {d}"),
    ("other", "Penculik anak berkeliaran di {p}, sudah {n} anak hilang"),
)  # fmt: skip
#: Made up, so that no exercise speaks ill of a real village.
PLACES: Final = (
    *("Latuma", "Wambara", "Sorimba", "Katonde", "Lakuwa"),
    *("Batumere", "Wasona", "Tondoila", "Ulupasi", "Malanga"),
)
_DAYS: Final = ("besok", "hari Senin", "hari Rabu", "tanggal 27", "lusa")
_BEFORE: Final = (
    *("", "", "", "Info valid! ", "Diteruskan berkali-kali\n"),
    *("Copas dari grup sebelah: ", "Hati2!! ", "Assalamualaikum, "),
)
_AFTER: Final = ("", "", "", " Sebarkan!", " mohon dibagikan", "\nSemoga bermanfaat", " 🙏🙏", " wajib baca")
_SHORT: Final = (
    *(("yang", "yg"), ("tidak", "gak"), ("sudah", "sdh"), ("dengan", "dgn"), ("orang", "org")),
    *(("karena", "krn"), ("akan", "bakal"), ("untuk", "utk"), ("segera", "sgr")),
)
_CHATTER: Final = (
    "Selamat pagi semuanya",
    "Semoga sehat selalu ya",
    "Besok jadi rapat jam berapa?",
    "Dijual beras lokal, antar gratis",
    "Terima kasih infonya",
    "Hahaha lucu sekali",
    "Ada yang tahu jadwal kapal?",
    "Menurut saya cuacanya panas sekali",
    "Jangan lupa kerja bakti hari Minggu",
    "Alhamdulillah panen bagus",
    "Kopi di warung depan enak",
    "Siapa yang bawa kunci balai?",
)


def rumour_messages(
    sightings: Sightings, areas: tuple[str, ...], start: np.datetime64, chatter: float, seed: int
) -> pd.DataFrame:
    """The sightings as messages, with chatter around them.

    areas: code of each village; start: moment of hour 0, UTC; chatter: messages that claim nothing for each that does.
    Returns id, message, date (ISO, UTC), area, and what no real file could tell: group, harm (both "" for chatter); and
    exercise, true in every row; in time order.
    """
    rng = np.random.default_rng([seed, 12])
    count = int(sightings.rumour.max(initial=-1)) + 1
    claims = [_claim(number, rng) for number in range(count)]
    told = [(_told(claims[number][1], rng), f"r{number}", claims[number][0]) for number in sightings.rumour]
    extra = int(rng.poisson(chatter * len(told)))
    talk = [(f"{_CHATTER[rng.integers(len(_CHATTER))]}{_AFTER[rng.integers(3)]}", "", "") for _ in range(extra)]
    last = float(sightings.hour.max(initial=1.0))
    hour: FloatArray = np.concatenate([sightings.hour, rng.random(extra) * last])
    village: IntArray = np.concatenate([sightings.village, rng.integers(len(areas), size=extra)])
    order = np.argsort(hour, kind="stable")
    rows = [(*told, *talk)[k] for k in order]
    at = start.astype("datetime64[s]") + (hour[order] * 3600).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "id": [f"m{number:06d}" for number in range(len(rows))],
            "message": [text for text, _, _ in rows],
            "date": [f"{moment}Z" for moment in at],
            "area": [areas[k] for k in village[order]],
            "group": [group for _, group, _ in rows],
            "harm": [harm for _, _, harm in rows],
            "exercise": True,
        }
    )


def _claim(number: int, rng: np.random.Generator) -> tuple[str, str]:
    """The claim of one rumour: no two of the same template agree in number and place."""
    harm, template = CLAIMS[number % len(CLAIMS)]
    again = number // len(CLAIMS)
    place = PLACES[again % len(PLACES)]
    day = _DAYS[rng.integers(len(_DAYS))]
    return harm, template.format(n=2 + again % 90, p=place, d=day)


def _told(claim: str, rng: np.random.Generator) -> str:
    """A telling: words shortened, capitals, a slip of the pen, the end cut off, something put before or behind."""
    text = claim
    for word, short in _SHORT:
        if rng.random() < 0.4:
            text = re.sub(rf"\b{word}\b", short, text)
    if rng.random() < 0.15:
        text = text.upper()
    if rng.random() < 0.2:
        # never in the digits or names that make it this claim and no other
        at = [match.start() for match in re.finditer(r"(?<=\b[a-z]{3})[a-z](?=[a-z])", text)]
        k = at[rng.integers(len(at))] if at else 0
        text = text[:k] + text[k + 1 :] if at else text
    return f"{_BEFORE[rng.integers(len(_BEFORE))]}{text}{_AFTER[rng.integers(len(_AFTER))]}"
