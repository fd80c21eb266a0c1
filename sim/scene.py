"""What cannot change in a run: line, length, bases, sky; and targets as columns."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from sim.access import Closure
from sim.kinds import Bools, Floats, Ints, Keys
from sim.line import SIDE_A, SIDE_B, Line
from sim.physics.terrain import Place, Relief
from sim.sky import Sky

Thing = TypeVar("Thing")


class Sector(NamedTuple):
    """A named stretch of the line."""

    name: str
    from_m: float
    to_m: float
    masking_deg: float
    """Mean elevation angle that terrain and plants hide; 0 on open water."""
    water: bool


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What all replications of a mix share."""

    line: Line
    sectors: Mapping[str, Sector]
    bases: Mapping[str, tuple[float, float]]
    """Places in the line's projection."""
    start: datetime
    length_s: float
    """Violations begin before this."""
    horizon_s: float
    """The run ends here: length and follow-up."""
    corridor_m: float
    """How far from the line the ground matters, on both sides: the depth of the deepest zone."""
    folder: Path
    """Files that the scenario names are relative to this."""
    cache: Path | None = None
    """Where tables that take long are kept under a content hash."""
    closures: tuple[Closure, ...] = ()
    """Restrictions of access."""
    relief: Relief | None = None
    """The ground as it is; without it terrain hides by chance."""
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return what was made under this key, made now if it was not."""
        if key not in self.memo:
            self.memo[key] = make()
        value: Thing = self.memo[key]
        return value

    def masked(self, targets: "Targets", eye_xyh: Place, range_m: Floats | float = np.inf) -> "Targets":
        """Return targets with the angles that hide them from eyes: those of the relief, or where there is none as they were thrown.

        Args:
            targets: N of them.
            eye_xyh: Where the eye of each stands or comes nearest, and its height above the ground. Shapes (N,) or numbers.
            range_m: How far the eyes see at all. Shape (N,) or one.
        """
        if self.relief is None or not len(targets):
            return targets
        place = targets.x_m, targets.y_m, np.nan_to_num(targets.height_m)
        return replace(targets, mask_deg=self.relief.flat_mask_deg(place, targets.mask_deg, eye_xyh, range_m))

    def keep_off_m(self, sensor: str, kind: str, side: int, from_m: float, to_m: float) -> float:
        """Return how far from the line an aircraft must keep that flies along a stretch, on a side (+1 is A)."""
        mine = (each for each in self.closures if each.rule.names(sensor, kind) and each.from_m < to_m and each.to_m > from_m)
        return max((each.rule.keep_off_m for each in mine if side in each.rule.sides()), default=0.0)

    def notice_s(self, sensor: str, kind: str, chainage_m: float, offset_m: float) -> float:
        """Return how long before it an aircraft must be announced that is sent to a place."""
        side = SIDE_B if offset_m < 0.0 else SIDE_A
        mine = (each for each in self.closures if each.rule.names(sensor, kind) and each.from_m <= chainage_m <= each.to_m)
        return max((each.rule.notice_s for each in mine if side in each.rule.sides()), default=0.0)

    def sector_of(self, chainage_m: Floats) -> Ints:
        """Return the number of the sector at each chainage, -1 outside of all. Shape (N,)."""
        number = np.full(np.shape(chainage_m), -1, dtype=np.int64)
        for index, sector in enumerate(self.sectors.values()):
            number[(chainage_m >= sector.from_m) & (chainage_m <= sector.to_m) & (number < 0)] = index
        return number


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The stage under the sky of one replication."""

    stage: Stage
    sky: Sky

    @property
    def line(self) -> Line:
        """The contact line."""
        return self.stage.line

    @property
    def horizon_s(self) -> float:
        """The end of the run."""
        return self.stage.horizon_s


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Incidents and benign events as rows of what can be perceived: a row is a phase, or a leg of one. Columns have shape (N,).

    A column that is `nan` cannot be perceived in that way. Sensors read these; none asks for a kind.
    """

    key: Keys
    """Names the row's dice; does not depend on what else occurs."""
    incident: Ints
    """Row of the incident that it belongs to."""
    start_s: Floats
    end_s: Floats
    x_m: Floats
    y_m: Floats
    """Place in the line's projection; a leg of a move stands at its middle."""
    chainage_m: Floats
    offset_m: Floats
    """Signed, positive on side A."""
    size_m: Floats
    """Critical dimension of one piece, as an imaging sensor sees it."""
    pieces: Floats
    """How many of them."""
    heat_k: Floats
    """Apparent temperature contrast; several hundred for a muzzle flash or an explosion."""
    rcs_m2: Floats
    """Radar cross-section of one piece."""
    speed_mps: Floats
    sound_db: Floats
    """Level at 1 m."""
    emitter_w: Floats
    """Radiated power."""
    trace_m: Floats
    """Extent of what is left on the ground: craters, tracks, scars."""
    height_m: Floats
    """Above the ground."""
    mask_deg: Floats
    """Elevation angle below which terrain and plants hide it; drawn once a target."""
    hidden: Bools
    """Deliberately concealed from optical sensors overhead; drawn once a target."""

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Ints | Bools) -> "Targets":
        """Return some of the rows."""
        return Targets(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})

    @staticmethod
    def join(parts: Sequence["Targets"]) -> "Targets":
        """Return several tables as one."""
        return Targets(**{column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Targets)})

    @staticmethod
    def blank(count: int) -> "Targets":
        """Return rows that cannot be perceived, at the line's beginning, lasting for ever."""
        floats = {column.name: np.full(count, np.nan) for column in fields(Targets) if column.type is Floats or column.type == "Floats"}
        floats |= {
            name: np.zeros(count) for name in ("start_s", "x_m", "y_m", "chainage_m", "offset_m", "height_m", "mask_deg", "speed_mps")
        }
        floats |= {"end_s": np.full(count, np.inf), "pieces": np.ones(count)}
        number = np.arange(count)
        return Targets(key=number.astype(np.uint64), incident=number, hidden=np.zeros(count, dtype=bool), **floats)

    def distance_m(self, x_m: float, y_m: float) -> Floats:
        """Return the distance on the ground from a place. Shape (N,)."""
        return np.asarray(np.hypot(self.x_m - x_m, self.y_m - y_m))


@dataclass(frozen=True, slots=True, eq=False)
class Incidents:
    """What happened, one row an incident or benign event. Columns have shape (N,)."""

    key: Keys
    kind: Ints
    """Index into `kinds`."""
    start_s: Floats
    end_s: Floats
    """When the act ends; a trace may stay longer."""
    side: Ints
    """Who does it: +1 side A, -1 side B."""
    chainage_m: Floats
    offset_m: Floats
    x_m: Floats
    y_m: Floats
    countable: Ints
    """Violations that a mission would count, such as explosions; 0 for a benign event."""
    benign: Bools
    notified: Bools
    kinds: tuple[str, ...]
    """Names of the entries of the scenario's block `violations`."""

    def __len__(self) -> int:
        return len(self.key)

    @staticmethod
    def join(parts: Sequence["Incidents"]) -> "Incidents":
        """Return the incidents of several entries as one table."""
        kinds = tuple(name for part in parts for name in part.kinds)
        shift = np.cumsum([0, *[len(part.kinds) for part in parts]])
        columns = {
            column.name: np.concatenate([getattr(part, column.name) for part in parts])
            for column in fields(Incidents)
            if column.name not in ("kinds", "kind")
        }
        kind = np.concatenate([part.kind + shift[index] for index, part in enumerate(parts)])
        return Incidents(kind=kind, kinds=kinds, **columns)
