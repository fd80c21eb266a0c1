"""A scenario small enough to read at a glance, with its own families, on which the loader is tried."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sim.family import Member
from sim.model import Count, Model, Probability, Spread
from sim.units import Metres, PerSecond, PositiveMetres, PositiveSeconds, Seconds, fault

COUNTRIES = ("FR", "GB", "NO", "SE", "PL", "DE", "US")


class Watcher(Member):
    """Whatever watches."""

    pay: float = 1.0
    """What one costs, in shares of the dearest."""


class Mast(Watcher, kind="mast"):
    """A camera on a mast."""

    chainage_m: Metres
    """Where it stands along the line."""
    range_m: PositiveMetres
    """How far it sees."""
    night: bool = False
    """Whether it sees at night."""
    p_seen: Probability = 0.5
    """The chance of a look."""


class Fleet(Watcher, kind="fleet"):
    """Drones from a base."""

    base: str
    """The base they fly from."""
    count: Count = 1
    """How many there are."""
    endurance_s: PositiveSeconds
    """How long one flies."""
    repair: Spread
    """How long a repair takes."""
    reach_m: Metres | None = None
    """How far they go from the line, at most."""


class Act(Model):
    """A violation."""

    rate_per_s: PerSecond
    """How many there are."""
    lasts: Spread
    """How long one lasts."""


class Line(Model):
    """The line."""

    length_m: PositiveMetres
    """How long it is."""
    side: Literal["left", "right"] = "right"
    """The side that is watched."""
    sectors_m: dict[str, tuple[Metres, Metres]] = Field(default_factory=dict)
    """Stretches with names."""


class Rung(Model):
    """A step of the response."""

    within_s: Seconds
    """When it must be done."""
    party: str
    """Who does it."""


class Experiment(Model):
    """How it is run."""

    replications: Count = 10
    seed: int = 1
    mixes: dict[str, dict[str, object]] = Field(default_factory=dict)


class Small(Model):
    """A whole scenario."""

    truceline: Literal[1]
    name: str
    start: str
    line: Line
    bases: dict[str, Annotated[tuple[float, float], Field(description="longitude, latitude")]]
    sensors: dict[str, Watcher]
    violations: dict[str, Act]
    members: tuple[str, ...]
    response: dict[str, Rung]
    experiment: Experiment = Experiment()

    @field_validator("start")
    @classmethod
    def in_utc(cls, start: str) -> str:
        """Refuse a time without its offset."""
        if not start.endswith("Z") or ":60Z" in start:
            raise ValueError("the start must be a time such as 2026-03-01T00:00:00Z")
        return start

    @model_validator(mode="after")
    def known(self) -> "Small":
        """Refuse names that are defined nowhere."""
        for number, country in enumerate(self.members):
            if country not in COUNTRIES:
                raise fault("country", "unknown country {country}", country=repr(country), at=("members", number))
        for name, watcher in self.sensors.items():
            if isinstance(watcher, Fleet) and watcher.base not in self.bases:
                raise fault("reference", "there is no base {base}", base=repr(watcher.base), at=("sensors", name, "base"))
        return self


SAMPLE = """\
# A scenario in small.
truceline: 1
name: A line with two watchers
start: 2026-03-01T00:00:00Z

line:
  length: 120 km
  side: right                    # seen from km 0
  sectors: {north: [0, 50 km], south: [50 km, 120 km]}
bases:
  sumy: [34.80, 50.91]
  izium: [37.26, 49.21]
sensors:
  eye:
    kind: mast
    chainage: 12 km
    range: 9 km
    night: true
    p_seen: 0.8
  birds:
    kind: fleet
    base: sumy
    count: 4
    endurance: 20 h
    repair: {median: 40 min, p90: 4 h}
violations:
  shelling:
    rate: 14 /day
    lasts: {median: 12 min, p90: 1 h}
  incursion:
    rate: 3 /week
    lasts: {law: exponential, mean: 3 h}
members: [FR, GB, NO, SE]
response:
  warning:
    within: 24 h
    party: GB
  force: {within: 72 h, party: FR}
experiment:
  replications: 20
  mixes:
    more birds: {sensors.birds.count: 8}
    no eye: {sensors.eye: null}
    bad:
      sensors.birds.count: 3
      sensors.birds.cout: 5
"""
