"""What every response is: who decides, where forces stand, when cases are one episode, and how an episode is answered."""

from abc import ABC, abstractmethod
from typing import Literal

from pydantic import Field

from sim.council import Body, State
from sim.desk import Clock, Desk, Episode, Hub, Linking
from sim.family import Member
from sim.live import Steps
from sim.model import Model, Positive, Spread
from sim.units import DAY, HOUR, KM, MetresPerSecond

SIDE_OF = {"A": (1,), "B": (-1,), "both": (1, -1)}
SPEED_MPS = {"road": 300 * KM / DAY, "air": 850 * KM / HOUR}
"""Wheeled columns make 300 km a day or more (S. Ortmann, Defense and Freedom, September 2023); a fighter's cruise is an assumption."""


class Response(Member, ABC):
    """How the coalition answers what was found."""

    answers: Literal["A", "B", "both"] = "both"
    """Whose violations are answered."""
    linking: Linking = Linking()
    states: dict[str, State] = Field(default_factory=dict)
    """Governments that have a say."""
    bodies: dict[str, Body] = Field(default_factory=dict)
    """Who decides, and how."""
    hubs: dict[str, Hub] = Field(default_factory=dict)
    """Where forces stand ready."""

    @abstractmethod
    def answer(self, episode: Episode, desk: Desk) -> Steps:
        """Live through the answer to one episode."""

    @abstractmethod
    def rungs_named(self) -> tuple[str, ...]:
        """Return the names of the steps, in order."""

    def deadlines(self) -> dict[str, tuple[Clock, float]]:
        """Return, for each step that should be taken in time, the clock that counts and the seconds from its start."""
        return {}

    def addresses(self, episode: Episode) -> bool:
        """Whether there is somebody to answer: not where the side is undetermined."""
        return episode.side in SIDE_OF[self.answers]


class Force(Model):
    """What moves: from a hub, after its notice, to the place of the episode.

    Notices on record: fighters on alert 15 min; French national emergency force 12 h to 9 days (Senate report 2010-11 no. 174); US
    Immediate Response Force 18 h; NATO Response Force, until 2024, 5 to 30 days.
    """

    hub: str
    """Where it stands, by name."""
    notice: Spread
    """From the decision to its departure."""
    mode: Literal["road", "air"] = "road"
    speed_mps: MetresPerSecond | None = None
    """With halts and rests; 300 km a day by road, 850 km/h by air without it."""
    road_factor: Positive = 1.3
    """Road over great-circle distance. Assumption, range 1.2 to 1.5."""

    def travel_s(self, distance_m: float) -> float:
        """Return how long it moves over a great-circle distance.

        >>> force = Force(hub="kyiv", notice={"law": "fixed", "value": "15 min"}, mode="air")
        >>> round(force.travel_s(494_000.0) / 60)  # minutes from Kyiv to the middle of the line
        35
        """
        speed_mps = SPEED_MPS[self.mode] if self.speed_mps is None else self.speed_mps
        return distance_m * (self.road_factor if self.mode == "road" else 1.0) / speed_mps

    def arrives_s(self, distance_m: float, luck: float) -> float:
        """Return the time from the decision to the arrival; the luck, from 0 to 1, is the quantile of the notice."""
        return float(self.notice.quantile_s(luck)) + self.travel_s(distance_m)
