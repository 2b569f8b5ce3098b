"""What single words say about a name: that they are none, that they are often one, or that they are a place."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from lokal.wilayah import list_wilayah


def _listed(file: str) -> frozenset[str]:
    return frozenset(resources.files("rukun.core.text").joinpath(file).read_text("utf-8").split())


#: Roots and function words: in small letters none of them is a name.
ORDINARY: Final = _listed("ordinary.txt")
#: Offices, institutions, peoples, days, makes of vehicles: no name in capitals either.
OFFICES: Final = _listed("offices.txt")
#: Common given and family names, as lokal-id 0.7 (MIT) lists them, without those that are words more often.
NAMES: Final = _listed("common_names.txt")
#: Endings and beginnings that names have and hardly any word does.
_BUILT: Final = re.compile(
    r"\w*(?:uddin|udin)|\w{3,}din|\w{2,}(?:ddin|ullah|wati|yanti|yati|ningsih|anto|into|unto|arno|irno|arto|arjo|yono|jono|wan|syah)"
    r"|(?:nur|abd|muh|sit|sya|zul|khair)[a-z]{3,}|(?:muh|moh|abd|abdul|sitti|siti|laode|waode|andi|muhamad)"
)
_SUFFIX: Final = re.compile(r"(?:nya|lah|kah|pun|ku|mu)$")
_PREFIXES: Final = ("di", "ber", "be", "ter", "te", "per", "pe", "se", "ke", "me", "nge", "ng", "n", "m")
#: A nasal prefix may have swallowed the first letter of the root: memukul is pukul.
_NASAL: Final = (("meny", "s"), ("peny", "s"), ("ny", "s"), ("meng", "k"), ("peng", "k"), ("ng", "k"), ("mem", "p"), ("pem", "p"), ("men", "t"), ("pen", "t"), ("n", "t"), ("m", "p"))  # fmt: skip
_VERB: Final = re.compile(r"(?:me(?:m|n|ng|ny)|di|pe(?:m|n|ng|ny))[a-z]{3,}(?:kan|asi|isi)|meng[a-z]{3,}|meny[a-z]{3,}|(?:ke|pe[mn]?g?)[a-z]{4,}an|[a-z]{4,}(?:kan|nya)|[a-z]+(?:isasi|itas|logi)")  # fmt: skip


def likely(word: str) -> bool:
    """Whether a word in small letters is often a name, or is built like one."""
    return word in NAMES or (word not in ORDINARY and _BUILT.fullmatch(word) is not None)


@lru_cache(maxsize=65536)
def ordinary(word: str) -> bool:
    """Whether a word in small letters is an ordinary one, by itself or by its root. A likely name never is."""
    if word in ORDINARY or word in OFFICES:
        return True
    if likely(word):
        return False
    if "-" in word:
        return all(ordinary(part) for part in word.split("-") if part)
    if (word.endswith("2") and word[:-1].isalpha()) or _VERB.fullmatch(word):
        return True
    bare = _SUFFIX.sub("", word)
    return (bare != word and bare in ORDINARY) or any(_rooted(form) for form in {word, bare})


def _rooted(word: str) -> bool:
    forms = {word, *(word[: -len(end)] for end in ("kan", "an") if word.endswith(end))}
    stripped = set()
    for form in (*forms, *((word[:-1],) if word.endswith("i") else ())):
        cuts = {form[len(prefix) :] for prefix in _PREFIXES if form.startswith(prefix) and len(form) > len(prefix) + 3}
        stripped |= cuts
        stripped |= {cut[3:] for cut in cuts if cut.startswith(("ber", "per", "ter")) and len(cut) > 6}
        for nasal, swallowed in _NASAL:
            if form.startswith(nasal) and len(form) > len(nasal) + 2:
                stripped |= {form[len(nasal) :], swallowed + form[len(nasal) :]}
    return any(len(form) > 3 and form in ORDINARY for form in forms) or any(
        len(form) > 2 and form in ORDINARY for form in stripped
    )


def _joined(name: str) -> str:
    """Bau-Bau, Bau Bau and Baubau are one."""
    return re.sub(r"[\W_]+", "", name)


@cache
def _places() -> frozenset[str]:
    """Names of Indonesian provinces, regencies, cities and subdistricts in small letters, without those of persons."""
    found: set[str] = set()
    for province in list_wilayah():
        found.add(province.name)
        for regency in list_wilayah(province.code):
            found.add(regency.name)
            found.update(subdistrict.name for subdistrict in list_wilayah(regency.code))
    short = {re.sub(r"^(?:kabupaten|kota|kota administrasi)\s+", "", name.lower()) for name in found}
    return frozenset(_joined(name) for name in short if not likely(name))


@cache
def _villages() -> frozenset[str]:
    """Names of Indonesian villages, as `_places`."""
    found: set[str] = set()
    for province in list_wilayah():
        for regency in list_wilayah(province.code):
            for subdistrict in list_wilayah(regency.code):
                found.update(village.name.lower() for village in list_wilayah(subdistrict.code))
    return frozenset(_joined(name) for name in found if len(name) > 4 and not likely(name))


def place(name: str, *, villages: bool = False) -> bool:
    """Whether a name in small letters is one of an area: a subdistrict or larger, or a village if `villages`."""
    joined = _joined(name)
    return joined in _places() or (villages and joined in _villages())
