"""What is masked of made sentences, how much of it, and what stays."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from marked_texts import measure, sentences

from rukun.core.text.redact import redact


def ours(text):
    return [(span.start, span.end) for span in redact(text).spans]


def test_the_set_is_as_large_as_said():
    marked = [text for file in ("tuning.txt", "heldout.txt") for text, marks in sentences(file) if marks]
    plain = [text for file in ("tuning_plain.txt", "heldout_plain.txt") for text, marks in sentences(file) if not marks]
    assert len(marked) >= 600 and len(plain) >= 150
    assert len(set(marked)) == len(marked)


@pytest.mark.parametrize("part", ["tuning", "heldout"])
def test_recall_and_false_masking(part):
    figures = measure([f"{part}.txt", f"{part}_plain.txt"], ours)
    print(part, figures)
    assert figures.recall(names=False) >= 0.995, figures
    assert figures.recall(names=True) >= 0.96, figures
    assert figures.false <= 0.005, figures


@pytest.mark.parametrize(
    ("part", "numbers", "names"), [("a", 140, 140), ("b", 165, 145), ("c", 100, 95), ("d", 80, 55)]
)
def test_the_fresh_sets_after_they_were_mended_by(part, numbers, names):
    figures = measure([f"fresh_{part}.txt", f"fresh_{part}_plain.txt"], ours)
    print(part, figures)
    assert figures.sought["name"] >= names and figures.sought.total() - figures.sought["name"] >= numbers
    assert figures.recall(names=False) >= 0.985, figures
    assert figures.recall(names=True) >= 0.93, figures
    assert figures.false <= 0.01, figures


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("0812*3456*7712", "[telepon]"),
        ("TPS 01, 02, 03, 04 dan 05", "TPS 01, 02, 03, 04 dan 05"),
        ("harga sapi 14500000 per ekor", "harga sapi 14500000 per ekor"),
        ("kode desa 7405122003, berkas 20240812", "kode desa 7405122003, berkas 20240812"),
        ("id pelanggan 321234567890", "id pelanggan [nomor]"),
        ("R4 DT 1765 AA vs R2 DT 4098 MC", "R4 [plat] vs R2 [plat]"),
        ("tujuh empat nol dua nol satu satu dua nol tiga delapan lima nol nol nol satu", "[nomor]"),
        ("0812 3456 7890 (Rasmin)", "[telepon] ([nama])"),
        ("Pihak I (Sunardi) dan Pihak II (Kasmin)", "Pihak I ([nama]) dan Pihak II ([nama])"),
        ("3 KK Poasia, 2 kk Lisda", "3 KK Poasia, 2 kk [nama]"),
        ("Maulid Nabi Muhammad", "Maulid Nabi Muhammad"),
    ],
)
def test_what_the_fresh_sets_showed(text, masked):
    assert redact(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "hp ０８１２３４５６７８９０",
        "hp 0812\u200b3456\u200b7890",
        "hp 0812\u00a03456\u00a07890",
        "hp ٠٨١٢٣٤٥٦٧٨٩٠",
        "hp 𝟎𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟎",
        "hp 0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣0️⃣",
        "hp 0812–3456–7890",
    ],
)
def test_other_characters_hide_no_number(text):
    done = redact(text)
    assert [span.kind for span in done.spans] == ["phone"]
    assert done.text.startswith("hp [telepon]")


def test_a_name_in_mathematical_letters_is_masked():
    assert redact("𝐏𝐚𝐤 𝐁𝐮𝐝𝐢 pulang").text == "𝐏𝐚𝐤 [nama] pulang"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Pak Budi dan Bu Sari sudah damai", "Pak [nama] dan Bu [nama] sudah damai"),
        ("KK 7471020507120004", "KK [KK]"),
        ("NIK 7471011203850001", "NIK [NIK]"),
        ("Jl. Haji Latama, Desa La Ode Kaimuddin", "Jl. Haji Latama, Desa La Ode Kaimuddin"),
        ("DT 4521 AB, rek BCA 7890123456", "[plat], rek BCA [rekening]"),
    ],
)
def test_known_texts(text, masked):
    assert redact(text).text == masked
