"""Where things that stand beside the line stand: a row of them, or named places."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from sim.kinds import Floats
from sim.live import Steps
from sim.model import Probability
from sim.ops import Ops
from sim.scene import Scene, Stage
from sim.sensors.base import Sensor, breakdowns
from sim.units import DAY, Metres, PositiveMetres, PositiveSeconds, Quantity, fault
from sim.watch import Track


class Sites(Sensor):
    """Units that stay where they are: evenly spaced over a stretch of the line, or at named places, each beside the line."""

    from_m: Annotated[float, Quantity("length", at_least=0.0)] | None = None
    """Where a row of units begins."""
    to_m: PositiveMetres | None = None
    """Where it ends."""
    every_m: PositiveMetres | None = None
    """Distance from unit to unit of the row along the line; the first stands half of it behind the begin."""
    at_m: dict[str, Annotated[float, Quantity("length", at_least=0.0)]] = Field(default_factory=dict)
    """Instead of a row: places along the line, by name. A new one is written last, so that the others keep their numbers and dice."""
    offset_m: Metres = 500.0
    """Distance from the line, positive on side A."""
    availability: Probability = 0.9
    """Share of time that a unit works."""
    repair_s: PositiveSeconds = 1 * DAY
    """Mean time of repair."""
    notices: ClassVar[str] = "sees a vehicle"
    """What a unit does as far as `sees_m`, for warnings."""

    @model_validator(mode="after")
    def placed(self) -> Self:
        """Refuse units that have no place, or two."""
        row = [value is not None for value in (self.from_m, self.to_m, self.every_m)]
        if any(row) == bool(self.at_m) or (any(row) and not all(row)):
            raise fault("places", "write either 'from', 'to' and 'every' for a row, or 'at' with places such as {one}", one="{hill: 12 km}")
        if self.from_m is not None and self.to_m is not None and self.to_m <= self.from_m:
            raise fault("backward", "this stretch ends where it begins, or before; 'to' must lie beyond 'from'", at="to")
        return self

    def planned_m(self) -> Floats:
        """Return where units are meant to stand along the line, on it or beyond its end. Shape (U,)."""
        if self.from_m is None or self.to_m is None or self.every_m is None:
            return np.array(list(self.at_m.values()))
        return np.arange(self.from_m + self.every_m / 2, self.to_m, self.every_m)

    def chainages_m(self, stage: Stage) -> Floats:
        """Return where units stand along the line. Shape (U,)."""
        planned_m = self.planned_m()
        return planned_m[planned_m <= stage.line.length_m]

    def units(self, stage: Stage) -> range:
        """Number the units along the row, or in the order in which their places are written."""
        return range(len(self.chainages_m(stage)))

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Stand beside the line."""
        chainage_m = self.chainages_m(scene.stage)
        x_m, y_m = scene.line.at(chainage_m, self.offset_m)
        places = zip(x_m.tolist(), y_m.tolist(), chainage_m.tolist(), strict=True)
        return tuple(Track(np.array([[x, y]]), place, scene.sky.patch_of(place)) for x, y, place in places)

    def places_m(self, scene: Scene) -> Floats:
        """Return where units stand in the line's projection. Shape (U, 2)."""
        return np.array([track.xy_m[0] for track in self.tracks(scene)]).reshape(-1, 2)

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Watch until it breaks, be repaired, watch again; begun in the stationary state."""
        return breakdowns(unit, ops, self.availability, self.repair_s, self.name)

    @property
    @abstractmethod
    def sees_m(self) -> float:
        """How far a unit notices on open ground what it is there for: mostly a standard vehicle."""

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretch of line that each unit covers on open ground."""
        half_m = float(np.sqrt(max(self.sees_m**2 - self.offset_m**2, 0.0)))
        return [(max(place_m - half_m, 0.0), place_m + half_m) for place_m in self.chainages_m(stage).tolist()] if half_m else []

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of units beyond the end of the line, and of units that do not reach the line."""
        found = []
        if beyond := int((self.planned_m() > stage.line.length_m).sum()):
            found.append(f"{beyond} of {len(self.planned_m())} places lie beyond the end of the line; nothing stands there")
        if self.sees_m <= abs(self.offset_m):
            found.append(
                f"stands {abs(self.offset_m) / 1000:,.1f} km from the line and {self.notices} to {self.sees_m / 1000:,.1f} km only"
            )
        return found
