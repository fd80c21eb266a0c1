"""What became of each incident: one row an incident, read off the log; and the tables that measures are asked of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sim.kinds import Floats
from sim.log import EventLog
from sim.ops import Plan
from sim.scenario import Scenario
from sim.scene import Stage
from sim.world import World

Columns: TypeAlias = dict[str, np.ndarray]
NEVER = float("inf")


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """One replication as it was played."""

    replication: int
    world: World
    log: EventLog
    plans: Mapping[str, Plan]
    """What the units of each sensor did, as flown."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """All replications of one mix, as tables; what measures are asked of."""

    scenario: Scenario
    stage: Stage
    mix: str
    tallies: Mapping[str, Floats]
    """Numbers of a replication by name, each of shape (R,), in order of replication."""
    incidents: Columns
    """One row an incident of any replication: the columns of `outcomes`. Shape (N,)."""
    cells: Columns
    """One row an analysis cell and replication; empty where coverage was not asked for. Shape (C,)."""

    @property
    def replications(self) -> int:
        """How many there are."""
        return len(self.tallies["replication"])


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number of a run with its interval over replications."""

    measure: str
    """`detection.within_24h`, `latency.median`, ..."""
    label: str
    """As the table shows it."""
    slice: str
    """Kind of violation, or another part of the whole; empty for the whole."""
    estimate: float
    low: float
    high: float
    unit: str
    """`share`, `s`, `wait` (seconds that are told apart up to 7 days), `per day`, `EUR`, ..."""
    n_replications: int
    n_events: int
    method: str
    """How the interval was made."""
    headline: bool = False
    """Whether the short table of a run shows it."""


def outcomes(play: Play) -> Columns:
    """Return what became of each incident and benign event: one row each, times in seconds, infinite for never.

    Columns: replication, incident, kind (name of the entry), side, benign, notified, countable, start_s, end_s, last_s (the end of all that
    it leaves behind), chainage_m, offset_m; seen_s and seen_by (first contact and its sensor), detected_s (first alarm on the desk),
    reported_s (its case was opened), corroborated_s, verified_s, attributed_s, rejected_s, expired_s; finding (+1 or -1 the side named, 0
    undetermined, 9 none), accused_s, sources (distinct units that saw it); and for each rung r of the ladder `decided.r_s` and
    `arrived.r_s` of the episode that its case belongs to, see `answers`.
    """
    world = play.world
    incidents = world.incidents
    count = len(incidents)
    first_s = {
        verb: [NEVER] * count
        for verb in ("contact", "alarm", "reported", "corroborated", "verified", "attributed", "rejected", "expired", "accused")
    }
    seen_by, finding = [""] * count, [9] * count
    sources: list[set[tuple[str, str]]] = [set() for _ in range(count)]
    members: dict[int, list[int]] = {}
    for t_s, verb, row, _, episode, actor, detail, value in play.log.facts:
        if row < 0:
            continue
        if verb in first_s and t_s < first_s[verb][row]:
            first_s[verb][row] = t_s
            if verb == "contact":
                seen_by[row] = actor
        if verb == "contact":
            sources[row].add((actor, detail))
        elif verb == "attributed":
            finding[row] = int(value)
        elif verb in ("opened", "joined"):
            members.setdefault(episode, []).append(row)
    times = {verb: np.array(column, dtype=np.float64) for verb, column in first_s.items()}
    last_s = np.array(incidents.end_s)
    np.maximum.at(last_s, world.targets.incident, world.targets.end_s)
    columns: dict[str, Any] = {
        "replication": np.full(count, play.replication, dtype=np.int64),
        "incident": np.arange(count),
        "kind": np.array(incidents.kinds, dtype=object)[incidents.kind] if count else np.zeros(0, dtype=object),
        "seen_by": np.array(seen_by, dtype=object),
        "finding": np.array(finding, dtype=np.int64),
        "sources": np.array([len(units) for units in sources], dtype=np.int64),
        "last_s": last_s,
        "seen_s": times.pop("contact"),
        "detected_s": times.pop("alarm"),
    }
    columns |= {
        name: getattr(incidents, name) for name in ("side", "benign", "notified", "countable", "start_s", "end_s", "chainage_m", "offset_m")
    }
    columns |= {f"{verb}_s": column for verb, column in times.items()}
    return columns | answers(play, members, times["attributed"])


def answers(play: Play, members: Mapping[int, Sequence[int]], attributed_s: Floats) -> Columns:
    """Return for each rung when it was decided for each incident, and when it was on the spot; infinite for never. Shapes (N,).

    A rung answers a member of its episode if it was decided when the act had begun: what is done after a step was decided is no ground
    of that step. It answers nobody before his own attribution.

    Args:
        play: What was played.
        members: Incidents by episode.
        attributed_s: Shape (N,).
    """
    start_s, rungs = play.world.incidents.start_s, play.world.scenario.rungs()
    columns = {f"{step}.{name}_s": np.full(len(start_s), NEVER) for step in ("decided", "arrived") for name in rungs}
    decided_s: dict[tuple[int, str], float] = {}
    for entry in play.log.of("rung", "arrived"):
        if entry.verb == "rung":
            decided_s[entry.episode, entry.detail] = entry.t_s
        column = columns[f"{'decided' if entry.verb == 'rung' else 'arrived'}.{entry.detail}_s"]
        for row in members.get(entry.episode, ()):
            if decided_s.get((entry.episode, entry.detail), -NEVER) >= start_s[row]:
                column[row] = min(column[row], max(entry.t_s, attributed_s[row]))
    return columns


def stack(tables: Sequence[Columns]) -> Columns:
    """Return several tables of the same columns as one."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]} if tables else {}
