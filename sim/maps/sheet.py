"""A map on axes: its frame, what must stay free, the labels that it has, and its colours."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.kinds import Floats
from sim.line import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

SEA, LAND, HOME, BORDER, INK, GREY = "#dbe7ef", "#f3f0e8", "#fdfcf9", "#aca89c", "#23211d", "#6d6a62"
"""Colours of the base map, nearly white so that what lies on it carries the picture."""


class Box(NamedTuple):
    """A rectangle that a label takes, on the map."""

    left_m: float
    bottom_m: float
    right_m: float
    top_m: float

    def meets(self, other: "Box", gap_m: float = 0.0) -> bool:
        """Return whether two boxes overlap, or come nearer than a gap."""
        apart = self.left_m > other.right_m + gap_m or other.left_m > self.right_m + gap_m
        return not (apart or self.bottom_m > other.top_m + gap_m or other.bottom_m > self.top_m + gap_m)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A map on axes: its frame in the line's projection, what must stay free, and the labels that it has."""

    axes: "Axes"
    line: Line
    corridor: "BaseGeometry"
    """What labels keep clear of."""
    frame: Box
    point_m: float
    """Metres on the map to a point (1/72 inch) on paper."""
    taken: list[Box] = field(default_factory=list)

    @classmethod
    def on(cls, axes: "Axes", line: Line, reach_m: float, margin_m: float = 30_000.0) -> "Sheet":
        """Set the limits of axes so that the line with a corridor of this reach fits, at equal scale.

        Args:
            axes: Its place on the figure is used, so it must not be moved later.
            line: What the map shows.
            reach_m: Half the width of the corridor.
            margin_m: Least distance from the corridor to the frame.
        """
        from shapely import buffer

        width_in, height_in = axes.get_position().size * axes.figure.get_figure(root=True).get_size_inches()
        low, high = line.xy_m.min(axis=0) - reach_m - margin_m, line.xy_m.max(axis=0) + reach_m + margin_m
        point_m = max((high - low) / (np.array([width_in, height_in]) * 72.0))
        half_m = np.array([width_in, height_in]) * 36.0 * point_m
        left, bottom = (low + high) / 2 - half_m
        right, top = (low + high) / 2 + half_m
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_facecolor(SEA)
        for spine in axes.spines.values():
            spine.set(edgecolor="#8f8b80", linewidth=0.8, zorder=30)
        corridor = buffer(line.curve, reach_m, cap_style="flat")
        return cls(axes, line, corridor, Box(float(left), float(bottom), float(right), float(top)), float(point_m))

    def rim(self) -> tuple[Floats, Floats]:
        """Return degrees along the frame. Shapes (240,)."""
        t = np.linspace(0.0, 1.0, 60, endpoint=False)
        left, bottom, right, top = self.frame
        x = np.concatenate([left + t * (right - left), np.full(60, right), right - t * (right - left), np.full(60, left)])
        y = np.concatenate([np.full(60, bottom), bottom + t * (top - bottom), np.full(60, top), top - t * (top - bottom)])
        return self.line.to_lonlat(x, y)

    def box(self, x_m: float, y_m: float, text: str, size: float, align: str = "center") -> Box:
        """Return the rectangle that a label takes; letters are counted as 0.6 of their height (DejaVu Sans, mean)."""
        rows = text.split("\n")
        width_m = (0.6 * max(map(len, rows)) * size + 2.0) * self.point_m
        height_m = 1.25 * len(rows) * size * self.point_m
        left_m = {"center": x_m - width_m / 2, "left": x_m, "right": x_m - width_m}[align]
        return Box(left_m, y_m - height_m / 2, left_m + width_m, y_m + height_m / 2)

    def shows(self, x_m: float, y_m: float, inset_pt: float = 5.0) -> bool:
        """Return whether a place lies on the map, its sign whole within the frame."""
        left, bottom, right, top = self.frame
        inset_m = inset_pt * self.point_m
        return left + inset_m <= x_m <= right - inset_m and bottom + inset_m <= y_m <= top - inset_m

    def free(self, box: Box, gap_pt: float = 1.5, clear_pt: float = 2.0) -> bool:
        """Return whether a label fits: inside the frame, on no other, clear of the corridor."""
        from shapely import box as rectangle

        gap_m, clear_m = gap_pt * self.point_m, clear_pt * self.point_m
        left, bottom, right, top = self.frame
        inside = (
            left + 2 * gap_m < box.left_m
            and box.right_m < right - 2 * gap_m
            and bottom + 2 * gap_m < box.bottom_m
            and box.top_m < top - 2 * gap_m
        )
        return inside and not any(box.meets(other, gap_m) for other in self.taken) and rectangle(*box).distance(self.corridor) >= clear_m


def halo(width: float = 2.2, colour: str = "white") -> list[object]:
    """Return the effect that keeps a label readable on whatever lies below."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]
