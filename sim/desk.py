"""What a policy may use: findings linked to episodes, and waiting for what happens, what is decided and what arrives."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Protocol, TypeAlias

from pydantic import Field
from simpy import Environment
from simpy.events import Event, Timeout

from sim.clock import up_plain
from sim.council import Body, State
from sim.dice import Dice, Die
from sim.live import Steps, follow, over, until
from sim.log import NOBODY, EventLog
from sim.model import Model
from sim.units import DAY, KM, Metres, PositiveMetres, Seconds

Trigger: TypeAlias = Literal["any", "repeated", "continues", "expanded"]
"""What an episode must show: a case, several cases, a case whose act came after the last step, or many cases over a wide stretch."""
Clock: TypeAlias = Literal["act", "detection", "verification", "attribution"]
"""What starts a deadline; no public text says which (Financial Times, 3 February 2026)."""

SIDES = {1: "A", -1: "B", 0: "undetermined"}


class Finding(NamedTuple):
    """A case that was verified, and then attributed to a side or left undetermined."""

    case: int
    incident: int
    """Row of the incident or benign event, or -1 where nothing happened."""
    key: int
    """The number that names its dice."""
    side: int
    """Who is found to have done it: +1 side A, -1 side B, 0 undetermined."""
    act_s: float
    """Start of what happened; of the alarm, where nothing happened."""
    detected_s: float
    verified_s: float
    attributed_s: float
    chainage_m: float
    offset_m: float
    countable: float = 1.0
    """Violations as an observer would count them."""


class Hub(Model):
    """A place where forces stand ready."""

    at: tuple[Annotated[float, Field(ge=-180.0, le=180.0)], Annotated[float, Field(ge=-90.0, le=90.0)]]
    """Longitude and latitude in degrees."""


class Linking(Model):
    """When cases are one episode, and when it is repeated or expanded.

    Assumption, all of it: who declares a violation and what counts as continuing or expanded is not public (reading of the response
    ladder in the Financial Times, 3 February 2026).
    """

    within_m: PositiveMetres = 10 * KM
    """Along the line, from the nearest case of the episode. Assumption, range 5 to 30 km."""
    gap_s: Seconds = DAY
    """After so long without a new finding an episode takes no more. Assumption, range 6 h to 3 days."""
    repeated: Annotated[int, Field(ge=1)] = 3
    """Cases that make an episode repeated. Assumption, range 2 to 5."""
    expanded_cases: Annotated[int, Field(ge=1)] = 6
    """Cases that an expanded episode has at least. Assumption, range 4 to 20."""
    expanded_m: Annotated[Metres, Field(ge=0.0)] = 10 * KM
    """Stretch of line that an expanded episode covers at least. Assumption, range 0 to 30 km."""


class Wait(NamedTuple):
    """A story that waits for its trigger."""

    trigger: Trigger
    since_s: float
    event: Event


@dataclass(slots=True, eq=False)
class Episode:
    """Linked findings of one side, place and time; the first one founds it, names its luck and starts its clocks."""

    number: int
    linking: Linking
    findings: list[Finding]
    last_s: float
    """When the last finding joined."""
    settled_s: float = math.inf
    """When an answer settled it."""
    low_m: float = math.inf
    high_m: float = -math.inf
    """The stretch of line from its first to its last case along it."""
    latest_act_s: float = -math.inf
    waits: list[Wait] = field(default_factory=list)

    def __post_init__(self) -> None:
        for finding in self.findings:
            self.count(finding)

    @property
    def first(self) -> Finding:
        """The founding finding."""
        return self.findings[0]

    @property
    def key(self) -> int:
        """The number that names its luck."""
        return self.first.key

    @property
    def side(self) -> int:
        """Whose violations these are found to be."""
        return self.first.side

    @property
    def chainage_m(self) -> float:
        """Where forces go: the place of the founding finding."""
        return self.first.chainage_m

    @property
    def settled(self) -> bool:
        """Whether an answer has settled it."""
        return self.settled_s < math.inf

    @property
    def repeated(self) -> bool:
        """Whether it has enough cases to be no accident."""
        return len(self.findings) >= self.linking.repeated

    @property
    def expanded(self) -> bool:
        """Whether it has become an attack: many cases over a wide stretch."""
        return len(self.findings) >= self.linking.expanded_cases and self.high_m - self.low_m >= self.linking.expanded_m

    def continues_since(self, t_s: float) -> bool:
        """Whether something in it was done after an instant."""
        return self.latest_act_s > t_s

    def holds(self, trigger: Trigger, since_s: float) -> bool:
        """Whether a trigger holds now."""
        if trigger == "continues":
            return self.continues_since(since_s)
        return trigger == "any" or (self.repeated if trigger == "repeated" else self.expanded)

    def join(self, finding: Finding, now_s: float) -> None:
        """Take one more finding."""
        self.findings.append(finding)
        self.last_s = now_s
        self.count(finding)

    def count(self, finding: Finding) -> None:
        """Widen the stretch and move the latest act."""
        self.low_m = min(self.low_m, finding.chainage_m)
        self.high_m = max(self.high_m, finding.chainage_m)
        self.latest_act_s = max(self.latest_act_s, finding.act_s)

    def clock_s(self, clock: Clock) -> float:
        """Return when a clock of the episode started."""
        first = self.first
        starts = {"act": first.act_s, "detection": first.detected_s, "verification": first.verified_s, "attribution": first.attributed_s}
        return starts[clock]


class Policy(Protocol):
    """What the desk asks of a response."""

    @property
    def linking(self) -> Linking:
        """When cases are one episode."""

    @property
    def states(self) -> Mapping[str, State]:
        """Who can have a say."""

    @property
    def bodies(self) -> Mapping[str, Body]:
        """Who decides."""

    def answer(self, episode: Episode, desk: "Desk") -> Steps:
        """Answer an episode."""


@dataclass(slots=True, eq=False)
class Desk:
    """The coalition's desk in one replication. Policies are frozen; what changes is here or in a generator's local names."""

    env: Environment
    log: EventLog
    dice: Dice
    response: Policy
    distance_m: Callable[[str, float], float]
    """Great-circle distance from a hub, by name, to the line at a chainage."""
    start: datetime
    """The calendar time at which the run begins."""
    episodes: list[Episode] = field(default_factory=list)
    shelves: dict[int, list[Episode]] = field(default_factory=dict)
    """Episodes by side that may take another finding, the oldest first."""
    dies: dict[tuple[str, ...], Die] = field(default_factory=dict)
    """By purpose and names."""

    @property
    def now_s(self) -> float:
        """The present."""
        now_s: float = self.env.now
        return now_s

    def add(self, finding: Finding) -> None:
        """Link a finding to the oldest episode that takes it and wake who waits for it, or open an episode and answer it.

        An episode takes what lies near it and was not done after it was settled, which is a new breach.
        Assumption: two episodes that grow into each other stay two, for both are being answered.
        """
        now_s, linking = self.now_s, self.response.linking
        earliest_s = now_s - linking.gap_s
        shelf = [episode for episode in self.shelves.get(finding.side, []) if episode.last_s >= earliest_s]
        self.shelves[finding.side] = shelf
        low_m, high_m = finding.chainage_m - linking.within_m, finding.chainage_m + linking.within_m
        for episode in shelf:  # each case lies within reach of another one, so reach from the nearest case is reach from the stretch
            if episode.low_m <= high_m and episode.high_m >= low_m and finding.act_s <= episode.settled_s:
                episode.join(finding, now_s)
                self.record(episode, finding, "joined")
                self.wake(episode)
                return
        episode = Episode(len(self.episodes), linking, [finding], now_s)
        self.episodes.append(episode)
        shelf.append(episode)
        self.record(episode, finding, "opened")
        follow(self.response.answer(episode, self))

    def record(self, episode: Episode, finding: Finding, verb: str) -> None:
        """Log that a finding belongs to an episode, with the side and the number of cases so far."""
        cases = float(len(episode.findings))
        self.log.note(self.now_s, verb, finding.incident, finding.case, episode.number, "", SIDES[finding.side], cases)

    def wake(self, episode: Episode) -> None:
        """Let go on who waits for what now holds."""
        waits, episode.waits = episode.waits, []
        for wait in waits:
            if episode.holds(wait.trigger, wait.since_s):
                wait.event.succeed()
            else:
                episode.waits.append(wait)

    def until(self, episode: Episode, trigger: Trigger, since_s: float = -math.inf) -> Event:
        """Return an event that happens when the trigger holds, now if it does; if it never does, the story ends with the run."""
        event = Event(self.env)
        if episode.holds(trigger, since_s):
            over(event)
            return event
        episode.waits.append(Wait(trigger, since_s, event))
        return event

    def decision(self, episode: Episode, body: str, rung: str) -> Timeout:
        """Return an event whose value tells whether the body agrees to a step.

        A body that will never agree says so at once: assumption, for no deadline of a council is public, and the next step must not
        wait for ever for it. Every decision belongs to the episode and the step, so that it is the same in all mixes.
        """
        question = self.die("question", rung).name(episode.key)
        wait_s = self.response.bodies[body].decide_s(self.response.states, self.die("consent"), question)
        agrees = wait_s < math.inf
        return Timeout(self.env, up_plain(self.now_s + wait_s) - self.now_s if agrees else 0.0, agrees)

    def sleep(self, seconds: float) -> Timeout:
        """Return an event that happens after a while."""
        return self.at(self.now_s + seconds)

    def at(self, t_s: float) -> Timeout:
        """Return an event at an instant, at once if it has passed."""
        return until(self.env, up_plain(t_s))

    def settle(self, episode: Episode) -> None:
        """End an episode: what is done from now on in its place is a new breach."""
        episode.settled_s = self.now_s
        self.note(episode, "settled")

    def note(self, episode: Episode, verb: str, detail: str = "", actor: str = "", value: float = 0.0) -> None:
        """Log a fact about an episode."""
        self.log.note(self.now_s, verb, NOBODY, NOBODY, episode.number, actor, detail, value)

    def luck(self, episode: Episode, *names: str) -> float:
        """Return a throw, uniform on (0, 1), that belongs to the episode and these names."""
        return self.die("luck", *names).uniform(episode.key)

    def die(self, *names: str) -> Die:
        """Return the die of a purpose."""
        if names not in self.dies:
            self.dies[names] = self.dice(*names)
        return self.dies[names]
