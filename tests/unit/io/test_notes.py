"""What a user should know about the data, in both languages."""

import ast
import pickle
import re
from pathlib import Path

import rukun.io
from rukun.io.dataset import DatasetRequest, load_dataset
from rukun.io.notes import Note, counted, listed


def test_a_note_is_its_english_sentence_and_can_be_said_in_indonesian():
    note = Note("Two areas.", "Dua wilayah.")
    assert note == "Two areas." and (note.said("en"), note.said("id")) == ("Two areas.", "Dua wilayah.")
    again = pickle.loads(pickle.dumps(note))
    assert isinstance(again, Note) and (again, again.indonesian) == (note, "Dua wilayah.")
    assert type(note.said("en")) is str


def test_numbers_and_lists_are_said_as_the_language_does():
    assert counted(12345) == "12.345"
    codes = [str(number) for number in range(1500)]
    assert listed(codes, 2) == "0, 1 and 1,498 more" and listed(codes, 2, "id") == "0, 1 dan 1.498 lagi"
    assert listed(codes[:2], 2, "id") == "0, 1"


def test_every_note_of_the_readers_is_in_both_languages():
    made = 0
    for path in Path(rukun.io.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "notes":
                (given,) = node.args
                assert isinstance(given, ast.Call) and given.func.id == "Note", f"{path.name}:{node.lineno}"
                english, indonesian = given.args
                assert ast.dump(english) != ast.dump(indonesian), f"{path.name}:{node.lineno}"
                made += 1
    assert made >= 22


def test_both_languages_tell_the_same_numbers(tmp_path):
    rows = ["2024-01-02,2024-01-02,a", "2024-01-05,2024-01-19,a", "2024-01-30,2024-01-30,b", "2024-02-08,2024-02-08,b"]
    (tmp_path / "e.csv").write_text("date,date_end,area\n" + "\n".join(rows) + "\n", encoding="utf-8")
    notes = load_dataset(DatasetRequest(tmp_path / "e.csv", coarse="spread")).notes
    assert len(notes) >= 4 and any("Disebar ke hari-harinya: 1 dari 4 kejadian" in n.indonesian for n in notes)
    for note in notes:
        assert sorted(re.findall(r"\d+", note)) == sorted(re.findall(r"\d+", note.indonesian)), note
