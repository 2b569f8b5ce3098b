"""The marked messages of the tests, and the weights learnt from those for tuning: run it to write them anew."""

import json
from pathlib import Path

from rukun.core.text.claims import claim_measures
from rukun.core.text.harm import CLASSES, harm_measures
from rukun.core.text.told import told
from rukun.core.text.weighing import learn

FOLDER = Path(__file__).parent / "rumours"
SHIPPED = Path(__file__).parents[3] / "src/rukun/core/text/rumour_weights.json"


def marked(file):
    """(is a claim, class of harm, text) of each message in a file."""
    found = []
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            head, text = line.split(" | ", 1)
            claim, harm = head.split()
            assert claim in "C-", line
            assert harm in CLASSES, line
            found.append((claim == "C", harm, text))
    return found


def learnt():
    """The weights of both models, from the messages for tuning alone."""
    messages = marked("tuning.txt")
    read = [told(text) for _, _, text in messages]
    harm = learn(
        [harm_measures(one) for one in read],
        [harm for _, harm, _ in messages],
        CLASSES,
        0.3,
        {"violence": 2.0, "other": 0.3},
    )
    claim = learn(
        [claim_measures(one) for one in read], ["claim" if one else "chatter" for one, _, _ in messages],
        ("claim", "chatter"), 0.5,
    )  # fmt: skip
    return {
        name: {"answers": m.answers, "measures": m.measures, "rows": m.rows}
        for name, m in (("harm", harm), ("claim", claim))
    }


if __name__ == "__main__":
    SHIPPED.write_text(json.dumps(learnt(), indent=1) + "\n", "utf-8")
