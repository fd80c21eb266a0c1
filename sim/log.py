"""Facts first: the event log, one row a fact, append only, columns at the end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import starmap
from operator import itemgetter
from typing import NamedTuple, TypeAlias

NOBODY = -1


class Entry(NamedTuple):
    """One fact."""

    t_s: float
    verb: str
    """`contact`, `alarm`, `queued`, `triaged`, `worked`, `dismissed`, `reported`, `corroborated`, `cued`, `verified`, `rejected`,
    `expired`, `attributed`, `accused`; of an episode `opened`, `joined`, `asked`, `rung`, `refused`, `arrived`, `settled`,
    `unaddressed`; of a unit `lost`."""
    incident: int = NOBODY
    """Row of the incident or benign event, or -1 where nothing happened (a false alarm)."""
    case: int = NOBODY
    episode: int = NOBODY
    actor: str = ""
    """Who: the sensor, the body, the state."""
    detail: str = ""
    value: float = 0.0


Fact: TypeAlias = tuple[float, str, int, int, int, str, str, float]
"""The fields of an `Entry` in their order, bare: thousands are written for each that is read by name."""


@dataclass(slots=True)
class EventLog:
    """The only output of a run; every number of a report is a function of it and of the world."""

    facts: list[Fact] = field(default_factory=list)
    index: dict[str, list[Fact]] = field(default_factory=dict, repr=False, compare=False)
    """The facts by verb, as many as there were when somebody last asked."""
    indexed: int = field(default=0, repr=False, compare=False)

    def note(
        self,
        t_s: float,
        verb: str,
        incident: int = NOBODY,
        case: int = NOBODY,
        episode: int = NOBODY,
        actor: str = "",
        detail: str = "",
        value: float = 0.0,
    ) -> None:
        """Append a fact."""
        self.facts.append((t_s, verb, incident, case, episode, actor, detail, value))

    def sort(self) -> None:
        """Bring the facts in order of time; what was written first at one instant stays first."""
        self.facts.sort(key=itemgetter(0))
        self.indexed = 0

    @property
    def entries(self) -> list[Entry]:
        """All facts, by name."""
        return list(starmap(Entry, self.facts))

    def of(self, *verbs: str) -> Iterator[Entry]:
        """Iterate over the facts with one of these verbs, in order of time."""
        return starmap(Entry, self.bare(*verbs) if len(verbs) == 1 else (fact for fact in self.facts if fact[1] in verbs))

    def bare(self, verb: str) -> Sequence[Fact]:
        """Return the facts with a verb as they were written, in order of time."""
        if self.indexed != len(self.facts):
            by_verb = defaultdict(list)
            for fact in self.facts:
                by_verb[fact[1]].append(fact)
            self.index, self.indexed = dict(by_verb), len(self.facts)
        return self.index.get(verb, ())

    def digest(self) -> str:
        """Return a digest of all facts in their order; times lie on the grid, so it is the same on every machine."""
        total = sha256()
        for fact in self.facts:
            total.update("\x1f".join(map(repr, fact)).encode())
        return total.hexdigest()
