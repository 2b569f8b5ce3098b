"""Tables of the rumour desk. None holds a sender, an account or a group; what is written is stored masked."""

from rukun.server.rumours.models.answers import Clarification, Publication
from rukun.server.rumours.models.rumours import Evidence, Judgement, Merge, Rumour, Step
from rukun.server.rumours.models.sightings import Placing, Sighting
from rukun.server.rumours.models.sources import FactCheck, Match, Source

__all__ = (
    "Clarification",
    "Evidence",
    "FactCheck",
    "Judgement",
    "Match",
    "Merge",
    "Placing",
    "Publication",
    "Rumour",
    "Sighting",
    "Source",
    "Step",
)
