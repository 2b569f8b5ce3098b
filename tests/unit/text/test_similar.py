"""Copies of one claim are one group; a text in which a fact is another is not."""

import random

import pytest

from copies import bcubed, made_claims, made_messages, wrongly_merged
from rukun.core.text.similar import Grouper, compare, group_messages

CLAIM = (
    "Banjir bandang akan melanda Kota Kendari besok tanggal 17 Agustus 2024, sudah 5 orang tewas kata BMKG."
    " Warga diminta segera mengungsi ke kantor kecamatan."
)
COPIES = {
    "forwarded": "Diteruskan berkali-kali\n" + CLAIM + "\nSebarkan ke semua grup 🙏🙏",
    "cut off": CLAIM[:80],
    "the end alone": CLAIM[70:],
    "added to": "Ini beneran gak sih bapak ibu? " + CLAIM + " Tadi saya lihat sungai sudah naik sekali.",
    "reordered": "Warga diminta segera mengungsi ke kantor kecamatan. " + CLAIM[: CLAIM.index(" Warga")],
    "informal": "banjir bandang akn mlanda kota kendari bsk tgl 17-08-2024, sdh 5 org tewas kt BMKG."
    " wrga diminta sgra ngungsi ke kntor kec",
    "disguised": "𝐁𝐚𝐧𝐣𝐢𝐫 b4nd4ng аkаn melanda Kota Kendari besok tanggal 17 Agustus 2024, sudah 5 orang tewas",
    "loud": CLAIM.upper().replace(".", "!!!!"),
}
CHANGED = {
    "number": ("5 orang", "7 orang"),
    "spelled number": ("5 orang", "tujuh orang"),
    "place": ("Kota Kendari", "Kota Baubau"),
    "larger place": ("Kota Kendari", "Sulawesi Selatan"),
    "date": ("17 Agustus", "19 Agustus"),
    "day": ("besok", "lusa"),
    "institution": ("BMKG", "BPBD"),
    "denial": ("akan melanda", "tidak akan melanda"),
    "denial, late": ("Warga diminta", "Warga jangan diminta"),
    "contrary": ("tewas", "selamat"),
}  # fmt: skip


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_the_same(how):
    assert compare(COPIES[how], CLAIM).verdict == "same"
    assert len(set(group_messages([CLAIM, COPIES[how]]).group)) == 1


@pytest.mark.parametrize("what", CHANGED)
def test_another_fact_is_another_claim(what):
    old, new = CHANGED[what]
    other = CLAIM.replace(old, new)
    found = compare(other, CLAIM)
    assert found.verdict == ("other denial" if what.startswith("denial") else "other fact")
    assert found.differing is not None and found.similarity > 0.8
    assert len(set(group_messages([CLAIM, other]).group)) == 2


def test_what_is_shared_and_what_differs_is_shown_in_the_texts_as_given():
    other = "FWD:\n" + CLAIM.replace("Kota Kendari", "Kota Kolaka").upper()
    found = compare(other, CLAIM)
    assert found.differing is not None
    one, two = found.differing
    assert (other[slice(*one)], CLAIM[slice(*two)]) == ("KOTA KOLAKA", "Kota Kendari")
    assert CLAIM[slice(*found.shared[0][1])] == "Banjir bandang akan melanda"
    assert all(other[slice(*a)].lower() == CLAIM[slice(*b)].lower() for a, b in found.shared)


def test_short_texts_are_one_only_if_they_read_the_same():
    placed = group_messages(["Halo semua", "HALO SEMUAAA!!", "halo semuanya", "", "  ", "🙏", "banjir kendari"])
    assert placed.group.tolist() == [0, 0, 1, 2, 2, 2, 3]
    assert compare("banjir di kendari", "banjir di kendari ya").verdict == "too short"


def test_a_digest_of_rumours_does_not_make_them_one():
    claims = made_claims(5, seed=4)
    placed = group_messages([*claims, " ".join(claims), *(claim + " Ayo waspada." for claim in claims)])
    assert placed.group[:5].tolist() == [0, 1, 2, 3, 4]
    assert placed.group[6:].tolist() == [0, 1, 2, 3, 4]


def test_two_halves_are_one_when_the_whole_comes():
    first, second = CLAIM.split(". Warga")
    grouper = Grouper()
    placed = grouper.add([first, "Warga" + second, CLAIM])
    assert placed.group[0] != placed.group[1]
    assert len(set(grouper.groups().tolist())) == 1


def test_batches_and_processes_change_nothing():
    made = made_messages(made_claims(60, seed=5), 700, seed=5)
    whole = group_messages(made.texts)
    grouper = Grouper()
    for at in range(0, 700, 90):
        grouper.add(made.texts[at : at + 90])
    at_once = Grouper()
    at_once.add(made.texts)
    assert (grouper.groups() == at_once.groups()).all()
    several = group_messages(made.texts, jobs=2)
    assert (several.group == whole.group).all() and (several.similarity == whole.similarity).all()


def test_known_groups_are_found_whatever_the_order():
    made = made_messages(made_claims(150, seed=6), 1500, seed=6)
    scores = []
    for seed in range(3):
        order = list(range(1500))
        random.Random(seed).shuffle(order)
        placed = group_messages([made.texts[k] for k in order])
        scores.append(bcubed([made.claim[k] for k in order], placed.group.tolist())[2])
    assert min(scores) > 0.93 and max(scores) - min(scores) < 0.03
    changes = wrongly_merged(made, group_messages(made.texts).group.tolist())
    wrong, pairs = (sum(changes.get(kind, (0, 0))[n] for kind in ("number", "place")) for n in (0, 1))
    assert pairs > 10 and wrong <= 0.05 * pairs
