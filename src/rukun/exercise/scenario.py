"""What is simulated: the settings of an exercise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """A calendar entry of the exercise: name, first and last day."""

    name: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Kind:
    """One kind of disturbance.

    level: endemic incidents a week in a village of average population; season: amplitude of the yearly wave in the log
        rate;
    own, around: incidents next week that one incident sets off in its village, and in all villages around it together,
        on average;
    stages: effect on the log rate of each calendar entry by name; price: effect of the year-on-year change of the log
        price.
    """

    name: str
    level: float
    season: float
    own: float
    around: float
    stages: dict[str, float]
    price: float


FAIR, CAMPAIGN = "Pasar raya latihan", "Masa kampanye latihan"


def _kinds() -> tuple[Kind, ...]:
    return (
        Kind("brawl", 0.16, 0.35, 0.30, 0.12, {FAIR: 0.5, CAMPAIGN: 0.4}, 0.5),
        Kind("theft", 0.20, 0.20, 0.20, 0.10, {FAIR: 0.3}, 1.5),
    )


@dataclass(frozen=True)
class Scenario:
    """Settings of a simulated province; the defaults are those of `rukun exercise`.

    start: a Monday; weeks: how many are written (a run-in before them is thrown away).
    area_spread: standard deviation of the area effects in the log endemic rate; size: of the negative binomial
        (variance = mean + mean**2 / size).
    reported: share of incidents that citizens report; discovery: how strongly a visit a week finds the others,
        P(found) = 1 - exp(-discovery x visits).
    visits: a week in an average village; follow: share of visits that go where the records of the last eight weeks
        point.
    """

    start: dt.date = dt.date(2021, 1, 4)
    weeks: int = 208
    kinds: tuple[Kind, ...] = field(default_factory=_kinds)
    area_spread: float = 0.8
    size: float = 2.0
    reported: float = 0.45
    discovery: float = 0.25
    visits: float = 2.0
    follow: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what can't be simulated."""
        if self.weeks < 1:
            raise ValueError(f"an exercise needs 1 week or more, not {self.weeks}")
        if self.start.weekday() != 0:
            raise ValueError(f"an exercise starts on a Monday; {self.start} isn't one")
        for kind in self.kinds:
            if kind.own + kind.around >= 1:
                raise ValueError(
                    f"{kind.name}: an incident that sets off one other or more never ends (own + around >= 1)"
                )

    def stages(self) -> list[Stage]:
        """The calendar: a fair that comes 11 days earlier each year, and in the last year eight weeks of campaign."""
        last = self.start + dt.timedelta(weeks=self.weeks + 53)
        fairs = []
        day = self.start + dt.timedelta(days=110)
        while day <= last:
            fairs.append(Stage(FAIR, day, day + dt.timedelta(days=13)))
            day += dt.timedelta(days=354)
        ending = self.start + dt.timedelta(weeks=self.weeks - 6)
        campaign = Stage(CAMPAIGN, ending - dt.timedelta(weeks=8), ending - dt.timedelta(days=1))
        kept = [*fairs, campaign] if campaign.first >= self.start else fairs
        return sorted(kept, key=lambda stage: stage.first)
