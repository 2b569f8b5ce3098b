"""What texts state."""

import pytest

from rukun.core.text.facts import facts_in
from rukun.core.text.vocabulary import denials, places


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("Rp2,5jt dan dua puluh lima ribu, 30.000.000", "number", {"2500000", "25000", "30000000"}),
        ("seratus dua puluh tiga ribu empat ratus orang", "number", {"123400"}),
        ("sepuluh lalu sebelas lalu tiga belas", "number", {"10", "11", "13"}),
        ("salah satu warga, pukul 10:30", "number", {"10.3"}),
        ("17 Agustus 2024 lalu 18/08/24 lalu 3 mei", "date", {"17/8/2024", "18/8/2024", "3/5/?"}),
        ("hari Senin atau besok, Nopember 2024", "date", {"senin", "besok", "?/11/2024"}),
        ("di Kota Kendari, Kab. Konawe Selatan dan Jogja", "place", {"kendari", "konawe selatan", "yogyakarta"}),
        ("desa Wakorambu Utara", "place", {"wakorambu utara"}),
        ("sudah lama mau ke kantor kecamatan untuk batu bara", "place", set()),
        ("Komisi Pemilihan Umum, KPU dan BNI", "institution", {"kpu", "bni"}),
        ("gak jadi batal, tidka benar", "negation", {"jadi", "benar"}),
        ("harga naik", "opposite", {"0+"}),
        ("harga diturunkan", "opposite", {"0-"}),
        ("2 orang", "number", {"2"}),
    ],
)
def test_states(text, kind, values):
    assert facts_in(text).of(kind) == values


def test_a_fact_points_at_what_was_written():
    given = "BANJIR di 𝐊𝐨𝐭𝐚 𝐊𝐞𝐧𝐝𝐚𝐫𝐢 bsk, 5 org tewas"
    found = {given[fact.start : fact.end]: fact.value for fact in facts_in(given).found}
    assert found["𝐊𝐨𝐭𝐚 𝐊𝐞𝐧𝐝𝐚𝐫𝐢"] == "kendari"
    assert found["bsk"] == "besok"
    assert found["5"] == "5"


def test_mistyped_denials_deny_and_words_do_not():
    assert {"tidak", "tidka", "tdiak", "bukna", "jagan"} <= denials()
    assert not {"bulan", "bukit", "tanda", "minta", "tidur"} & denials()


def test_provinces_and_cities_are_known():
    assert places()["sulawesi tenggara"] == "sulawesi tenggara"
    assert places()["baubau"] == places()["bau bau"]
