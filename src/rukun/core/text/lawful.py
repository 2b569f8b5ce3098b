"""Whether a text speaks only of what everybody may do: assemble, speak, worship, vote.

Such a text is no disturbance and isn't stored as one. A text that also tells of harm (a fight, damage, a threat) is;
and a text
that says there was none ("tidak ada bentrokan", "berjalan aman") tells of no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Subject = Literal["assembly", "opinion", "worship", "voting"]

#: Stems of what is lawful. Prefixes and suffixes around them are allowed for in the patterns below.
_LAWFUL: Final[dict[Subject, tuple[str, ...]]] = {
    "assembly": (
        r"unjuk\s?rasa", r"(?:ber)?demo(?:nstrasi)?(?:nya)?", r"aksi damai", r"aksi massa", r"aksi solidaritas",
        r"long\s?march",
        r"(?:ber)?kampanye", r"rapat(?:\s\w+)?", r"deklarasi", r"pawai", r"mogok(?:\s?kerja)?", r"musyawarah",
        r"kopdar",
        r"berkumpul", r"perkumpulan", r"serikat", r"pertemuan", r"sidang adat", r"reuni", r"arak-arakan", r"aksi",
        r"massa aksi",
        r"konvoi", r"unras", r"pendukung", r"sosialisasi", r"mengenang", r"pleno", r"brosur", r"visi(?: dan)? misi", r"seminar", r"kuliah umum", r"march\w*", r"aksi bisu", r"aksi kamisan", r"bakal calon", r"mendaftar ke kpu", r"debat (?:publik|terbuka|calon|paslon|kandidat)", r"musrenbang\w*",
        r"deklarasi\w*", r"simpatisan", r"pendukung (?:paslon|calon|nomor|kandidat)", r"partai", r"pilkades",
        r"protest\w*", r"rally", r"demonstrators?", r"peaceful march",
    ),
    "opinion": (
        r"pendapat", r"orasi", r"berorasi", r"mimbar bebas", r"diskusi", r"kritik\w*", r"mengkritik", r"petisi",
        r"spanduk",
        r"baliho", r"poster", r"aspirasi", r"protes", r"memprotes", r"keberatan", r"opini", r"postingan",
        r"status facebook",
        r"mengeluhkan (?:kebijakan|kinerja|sikap|janji)\w*", r"mural", r"sindiran", r"menyindir", r"satire", r"tagar", r"surat terbuka", r"gugatan",
        r"menyuarakan", r"mendukung", r"dukungan", r"menolak", r"penolakan", r"tuntutan", r"menuntut", r"audiensi",
    ),
    "worship": (
        r"ibadah", r"beribadah", r"s[ho]*alat", r"s[ho]+lat", r"pengajian", r"tabligh?", r"ceramah", r"khotbah",
        r"khutbah", r"misa",
        r"kebaktian", r"doa bersama", r"berdoa", r"istigh?[oa]s[ha]+h?", r"zikir", r"dzikir", r"yasinan",
        r"tahlilan", r"maulid\w*",
        r"natal\w*", r"nyepi", r"waisak", r"paskah", r"ritual", r"sembahyang", r"persembahyangan", r"tarawih",
        r"tadarus\w*",
        r"jumatan", r"majelis ta[k']?lim", r"isra'?\s?mi'?raj", r"haul", r"melasti", r"galungan", r"kuningan", r"ogoh-ogoh", r"imlek", r"cap go meh",
        r"ceng beng", r"ziarah", r"tahlil\w*", r"yasin", r"manasik", r"takbir\w*", r"wirid\w*", r"sholawat\w*", r"rohani\w*", r"meditasi", r"retret",
        r"doa", r"mendoakan", r"lintas (?:agama|iman)", r"beragama", r"oikumene", r"merayakan", r"perayaan", r"istigh\w*", r"rabu abu",
    ),
    "voting": (
        r"mencoblos", r"nyoblos", r"coblosan", r"pencoblosan", r"memilih", r"pemilih", r"pemungutan suara",
        r"hak pilih", r"golput",
        r"(?:surat )?suara", r"tps", r"pendaftaran pemilih", r"memantau (?:tps|penghitungan)", r"penghitungan suara",
        r"saksi tps",
    ),
}  # fmt: skip
#: Stems of harm: what makes a text a report whatever else it speaks of.
_HARM: Final = (
    "bentrok", "rusuh", "ricuh", "anarki", "rusak", "bakar", "lempar", "pukul", "keroyok", "aniaya", "tikam",
    "tusuk", "bacok",
    "tembak", "bunuh", "luka", "tewas", "meninggal", "korban", "ancam", "mengancam", "intimidas", "teror", "paksa",
    "senjata", "sajam", "parang",
    "badik", "busur", "panah", "molotov", "bom", "petasan", "tawuran", "kelahi", "duel", "serang", "saling serang",
    "adu mulut", "jarah", "rampas", "curi",
    "maling", "begal", "rampok", "sandera", "blokir", "blokade", "tutup jalan", "menutup jalan", "memblok", "hadang",
    "segel",
    "usir", "miras", "mabuk", "narkoba", "sabu", "hasut", "provokasi", "fitnah", "hoaks", "hoax", "kabar bohong",
    "benci", "suap",
    "politik uang", "money politic", "serangan fajar", "curang", "manipulasi", "gelembung", "gandakan", "sengketa",
    "rebut", "cekcok",
    "ribut", "tegang", "konflik", "dendam", "balas", "pecah", "hancur", "robek", "corat-coret", "sobek",
    "bubarkan paksa", "dorong-dorongan",
    "kebakaran", "terbakar", "banjir", "longsor", "kecelakaan", "tabrak", "lakalantas", "kdrt", "perkosa", "selisih", "cabul",
    "leceh", "tipu", "gelap",
    "cemar", "tambang ilegal", "gangguan", "hilang", "ledak", "nyaris", "hampir saja", "persekusi", "kepung",
    "halangi", "halang-halangi", "dihalang", "bawa lari", "bawa kabur", "larikan", "palsu", "bagi uang", "bagi-bagi uang", "bagikan uang",
    "amplop", "jotos", "gebuk", "hajar", "violen", "riot", "attack", "injur", "beaten", "racun", "bobol",
    "culik", "saling dorong", "berdesakan", "patah", "terjatuh", "sebar uang", "nyebar uang", "menyebar uang", "membagi uang", "todong", "sekap", "jambret", "copet", "rompak", "diraba", "meraba", "cekik", "terinjak", "diinjak", "disiram", "menyiram", "roboh", "ambruk", "runtuh", "sweeping", "golok", "celurit", "pisau", "tebas", "gorok",
    "tampar", "tendang", "hantam", "jebak", "gerebek", "gondol", "gasak", "rudapaksa", "raib", "celaka", "cedera", "pingsan", "keracun", "bantai", "habisi", "tewas", "mayat",
    "gas air mata", "bajak", "paksa", "pungli", "pungutan liar", "peras",
)  # fmt: skip
_NOT = r"(?:tidak(?:\s+ada)?|tdk|tak|ga|gak|nggak|ngga|tanpa|belum(?:\s+ada)?|bukan|nihil|bebas(?:\s+dari)?|jangan|mencegah|cegah|antisipasi|mengantisipasi|nol|no|without|not)"
#: A road in disrepair is what people speak up about; nobody did it harm.
_DISREPAIR: Final = re.compile(
    r"\b(?:jalan|jembatan|irigasi|lampu|sekolah|gedung|puskesmas|drainase|tanggul)(?:\s\w+)?\s(?:yang\s)?rusak\b"
)
#: A denial reaches over a few words, so that "tidak ada korban atau kerusakan" denies both.
#: Whoever is prayed or collected for was hurt elsewhere.
_REMEMBERED: Final = re.compile(r"\b(?:untuk|bagi|mendoakan|mengenang|peduli|kepada)\s(?:para\s|keluarga\s)?$")
#: "pukul 11" is a time, no blow.
_CLOCK: Final = re.compile(r"\bpukul(?= \d)")
_DENIED = re.compile(rf"\b{_NOT}\s+(?:\w+\s+){{0,2}}?$")
_JOINED = re.compile(r"^(?:\s*(?:,|/|dan|atau|maupun|serta|ataupun)\s*)+(?:\w+\s+)?$")
_HARM_PATTERN = re.compile(
    r"\b(?:me|mem|men|meng|meny|menge|pe|pem|pen|peng|di|ter|ber|ke|se|per|nge|ng)?(?:"
    + "|".join(sorted((re.escape(stem) for stem in _HARM), key=len, reverse=True))
    + r")\w{0,6}"
)
#: Nasal prefixes swallow a first letter (pukul > memukul, tikam > menikam): those forms by themselves.
_SWALLOWED = re.compile(
    r"\b(?:memukul|memalsu|pemalsu|menikam|menusuk|menembak|menyerang|menyegel|memaksa|menyandera|menyuap|menipu|memecah|menebar\s+kebencian|mencuri|merusak|perusak|pengeroyok|mengeroyok|pemukul|penikam|penyerang|penganiaya|menganiaya|penyuap|penipu)\w{0,6}"
)
_LAWFUL_PATTERNS: Final = {
    subject: re.compile(r"\b(?:" + "|".join(stems) + r")\b") for subject, stems in _LAWFUL.items()
}


@dataclass(frozen=True)
class Reading:
    """What a text speaks of. lawful: subjects found; harm: the first words of harm that aren't denied, or ""."""

    lawful: tuple[Subject, ...]
    harm: str

    @property
    def only_lawful(self) -> bool:
        """Whether the text tells of something lawful and of no harm."""
        return bool(self.lawful) and not self.harm


def read(text: str) -> Reading:
    """What an Indonesian text speaks of, in any spelling of upper and lower case. Never raises on a string."""
    plain = re.sub(r"\s+", " ", text.casefold())
    plain = _CLOCK.sub("jam", _DISREPAIR.sub("keluhan", plain))
    found = tuple(subject for subject, pattern in _LAWFUL_PATTERNS.items() if pattern.search(plain))
    return Reading(found, _first_harm(plain))


def _first_harm(plain: str) -> str:
    spans = sorted({m.span() for pattern in (_HARM_PATTERN, _SWALLOWED) for m in pattern.finditer(plain)})
    denied_until = -1
    for start, end in spans:
        before = plain[max(0, start - 60) : start]
        clause = re.split(r"[.;!?]|\b(?:tetapi|tapi|namun|lalu|kemudian|sehingga)\b", before)[-1]
        if plain.startswith("korban", start) and _REMEMBERED.search(clause):
            continue
        if _DENIED.search(clause) or (denied_until >= 0 and _JOINED.match(plain[denied_until:start] or " ")):
            denied_until = max(denied_until, end)
            continue
        if start < denied_until:
            continue
        return plain[start:end].strip()
    return ""
