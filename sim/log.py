"""Facts first: the event log, one row a fact, append only, columns at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

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


@dataclass(slots=True)
class EventLog:
    """The only output of a run; every number of a report is a function of it and of the world."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        """Append a fact."""
        self.entries.append(entry)

    def of(self, *verbs: str) -> Iterator[Entry]:
        """Iterate over the facts with one of these verbs, in order of time."""
        return (entry for entry in self.entries if entry.verb in verbs)

    def digest(self) -> str:
        """Return a digest of all facts in their order; times lie on the grid, so it is the same on every machine."""
        total = sha256()
        for entry in self.entries:
            total.update("\x1f".join(map(repr, entry)).encode())
        return total.hexdigest()
