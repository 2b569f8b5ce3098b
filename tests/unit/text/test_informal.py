"""What informal messages read as, and where each character of that stood."""

import pytest

from rukun.core.text.informal import normalise, plainly
from rukun.core.text.lexicon import formal_words, slang


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("𝐁𝐀𝐓𝐀𝐋 𝒃𝒂𝒕𝒂𝒍 ＢＡＴＡＬ", "batal batal batal"),
        ("Pеmilu dibаtаlkаn", "pemilu dibatalkan"),  # Cyrillic letters among Latin ones
        ("ᴠᴀᴋsɪɴ 🅷🅾🅰🆇", "vaksin hoaks"),
        ("v\u200ba\u200bk\u200bs\u200bi\u200bn pal\u00adsu", "vaksin palsu"),
        ("t1d4k b4nj1r p3m1lu v4k51n 5aya in1", "tidak banjir pemilu vaksin saya ini"),
        ("covid19 covid-19 h5n1 tps5 paslon2", "covid 19 covid 19 h5n1 tps 5 paslon 2"),
        ("bangetttt maaaaf parahhhh tidakkk", "sekali maaf parah tidak"),
        ("orang2 anak2nya kata2", "orang orang anak anaknya kata kata"),
        ("B.A.T.A.L!\nh o a x", "batal\nhoaks"),
        ("yg tdk dgn utk krn bgmn gmn", "yang tidak dengan untuk karena bagaimana bagaimana"),
        ("gak nggak ga kagak ndak", "tidak tidak tidak tidak tidak"),
        ("Rp75.000,- 30jt 50rb 2,5 juta", "rp 75000 30 juta 50 ribu 2,5 juta"),
        ("17-08-2024 17/08/2024 pukul 10.30", "17/8/2024 17/8/2024 pukul 10.30"),
        ("banjir 😂😂wkwkwk🔥 besok", "banjir besok"),
        ("cek https://contoh.example/a?b=1 ya", "cek ya"),
        ("jum'at Al-Qur'an", "jumat al quran"),
        ("smp sma pkk km muna pan", "smp sma pkk km muna pan"),
        ("", ""),
        ("😂🔥", ""),
    ],
)
def test_reads_as(written, read):
    assert normalise(written).text == read == plainly(written)


@pytest.mark.parametrize(
    "around",
    [
        "Diteruskan berkali-kali\n{}",
        "*Copas dari grup sebelah:*\n{}",
        "[Diteruskan]\n{}\nTolong sebarkan ke semua grup",
        "Fwd:\n{}. Jangan berhenti di kamu!",
        "Dpt dr grup keluarga. {}\nMohon viralkan",
        "dari WAG RT 03\n{} semoga bermanfaat",
        "Izin share\n{}",
    ],
)
def test_what_says_that_it_is_passed_on_is_left_out(around):
    claim = "bantuan tunai untuk warga kendari diteruskan ke kelurahan"
    assert plainly(around.format(claim)) == claim


def test_a_word_points_at_the_whole_of_what_was_written():
    given = "AWAS!!! B4nj1r d\u200bi Kendari bsk, Rp75.000,- paraaaah 😂 org2"
    plain = normalise(given)
    found = {}
    at = 0
    for word in plain.text.split():
        at = plain.text.index(word, at)
        found[word] = given[slice(*plain.given(at, at + len(word)))]
        at += len(word)
    assert found["banjir"] == "B4nj1r"
    assert found["di"] == "d\u200bi"
    assert found["besok"] == "bsk"
    assert found["75000"] == "75.000,-"
    assert found["parah"] == "paraaaah"


def test_no_formal_word_is_informal_itself():
    assert not formal_words() & slang().keys()
    assert all(plainly(f"warga {formal} desa") == f"warga {formal} desa" for formal in slang().values())
