"""Figures of merit by name: what the table calls each, and under which tally it is kept."""

from typing import NamedTuple

import numpy as np

from sim.kinds import Floats
from sim.story import Results

PLACES = "merit.places"
"""Tally of the places that were asked about: above 0 in the replications that have figures of merit."""


class Asked(NamedTuple):
    """A figure of merit: what the table calls it, and how cells are brought together."""

    label: str
    unit: str
    good: bool = False
    """Whether more is better: then its worst tenth is the one that has least."""

    @property
    def is_mean(self) -> bool:
        """Whether the mean over cells stands for it: not for times, of which some may be infinite; these have their median."""
        return self.good and self.unit != "s"


FIGURES: dict[str, Asked] = {
    "ever": Asked("places ever in view in a run", "share", True),
    "watched_1": Asked("time with somebody in view", "share", True),
    "watched_2": Asked("time with two assets and more in view", "share", True),
    "watched_3": Asked("time with three assets and more in view", "share", True),
    "assets_mean": Asked("assets in view at once, mean", "assets", True),
    "assets_most": Asked("assets in view at once, most", "assets", True),
    "accesses": Asked("looks", "per day", True),
    "gaps": Asked("gaps without a look", "per day", True),
    "access_mean": Asked("length of a look, mean", "s", True),
    "access_p50": Asked("length of a look, median", "s", True),
    "access_p90": Asked("length of a look, nine in ten", "s", True),
    "met_asset": Asked("looks met by one of another asset within the offset", "share", True),
    "met_type": Asked("looks met by one of another type of asset within the offset", "share", True),
    "revisit_mean": Asked("gap between looks, mean", "s"),
    "revisit_p50": Asked("gap between looks, median", "s"),
    "revisit_p90": Asked("gap between looks, nine in ten", "s"),
    "revisit_max": Asked("longest gap known, cut by the run or not", "s"),
    "response_mean": Asked("from an instant to the next look, mean of those known", "s"),
    "response_p50": Asked("from an instant to the next look, median", "s"),
    "response_p90": Asked("from an instant to the next look, nine in ten", "s"),
    "response_in_gap_mean": Asked("from an instant in a gap to the next look, mean of those known", "s"),
    "response_in_gap_p90": Asked("from an instant in a gap to the next look, nine in ten", "s"),
    "response_unknown": Asked("instants after which no look is known", "share"),
    "time_average_gap": Asked("expected length of the gap that one falls into", "s"),
    "age_mean": Asked("since the last look, mean of those known", "s"),
    "age_p50": Asked("since the last look, median", "s"),
    "age_p90": Asked("since the last look, nine in ten", "s"),
    "age_unknown": Asked("instants before which no look is known", "share"),
    "system_response_p50": Asked("from an instant until a look is on the desk, median", "s"),
    "system_response_p90": Asked("from an instant until a look is on the desk, nine in ten", "s"),
    "system_age_p50": Asked("age of the newest look on the desk, median", "s"),
    "system_age_p90": Asked("age of the newest look on the desk, nine in ten", "s"),
    "range_least": Asked("nearest that an asset has the place in view", "m"),
    "range_most": Asked("furthest that an asset has the place in view", "m"),
}
STATES: dict[str, tuple[str, bool]] = {
    "by day": ("night", False),
    "at night": ("night", True),
    "under clear sky": ("overcast", False),
    "under overcast": ("overcast", True),
    "in fog or low cloud": ("murk", True),
    "under jamming": ("jammed", True),
}
"""States of the air over a place: which one, and whether it holds."""


def named(figure: str, part: str) -> str:
    """Return how a tally is named by a figure, which may bring a part of its own, and a type of asset.

    >>> named("watched_1|07 h", "drone"), named("watched_1|07 h", ""), named("gaps", "")
    ('merit.watched_1[drone, 07 h]', 'merit.watched_1[07 h]', 'merit.gaps')
    """
    figure, _, own = figure.partition("|")
    whole = ", ".join(filter(None, (part, own)))
    return f"merit.{figure}[{whole}]" if whole else f"merit.{figure}"


def split(name: str) -> tuple[str, str]:
    """Return the figure and the part that a tally is named by.

    >>> split("merit.watched_1[drone, 07 h]"), split("merit.watched_1")
    (('watched_1', 'drone, 07 h'), ('watched_1', ''))
    """
    figure, _, part = name.removeprefix("merit.").removesuffix("]").partition("[")
    return figure, part


def types(results: Results) -> list[str]:
    """Return the types of assets that have figures of their own, in the order of the scenario."""
    found = (split(name) for name in results.tallies if name.startswith("merit."))
    return [part for figure, part in found if figure == "accesses" and part]


def series(results: Results, names: list[str]) -> Floats:
    """Return tallies of the replications that have figures of merit, `nan` where one has no value. Shape (R, N)."""
    told = results.tallies[PLACES] > 0.0
    return np.stack([results.tallies[name][told] for name in names], axis=1)
