"""Whether the answer keeps its deadlines, by each clock that could start them, and where the time goes."""

from textwrap import shorten
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.kinds import Bools, Floats
from sim.measures.base import (
    FAINT,
    GREY,
    INK,
    Measure,
    Reading,
    calm,
    followed,
    heading,
    mix_of,
    parts,
    percent,
    plain,
    remark,
    runs,
    share_of,
    spoken,
    time_axis,
    violations,
)
from sim.responses.base import SIDE_OF
from sim.story import NEVER, Results
from sim.units import DAY, MINUTE, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLOCKS = {"act": "start_s", "detection": "detected_s", "verification": "verified_s", "attribution": "attributed_s"}
"""Columns from which a deadline may run; no public text says which one does (Financial Times, 3 February 2026)."""
ANSWERED = "answered"
STEPS = {"decided": "decided", "arrived": "on the spot"}
STAGES = ("seen", "at the desk", "case open", "verified", "side named", "decided", "force there")
SHADES = ("#e9b44c", "#e58550", "#cf5246", "#a03d4d", "#6f2f55", "#3d2a55", "#15203b")
"""From light to dark as the story goes on, even in lightness; the marks differ in shape as well."""
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
WHOSE = {"A": "violations by side A", "B": "violations by side B", "both": "violations"}
"""What is answered, as a sentence has it."""
FIRST_S, LAST_S, LATEST_S = MINUTE, 30 * DAY, 60 * DAY
"""Range of the picture, and its end where something takes longer; what is beyond is an arrow."""


class Deadlines(Measure, kind="deadlines"):
    """The share of violations to which each step of the answer comes in time, by four clocks; and the time that each stage takes."""

    title: ClassVar[str] = "How long from the act to the answer, and what takes the time?"
    order: ClassVar[int] = 50
    figure_name: ClassVar[str] = "response_stages"

    def readings(self, results: Results) -> list[Reading]:
        """Count the steps taken in time: of the violations of the side that is answered, and of those that got any answer."""
        committed = violations(results) & addressed(results)
        wholes = (("", committed), (ANSWERED, committed & answered(results)))
        kinds = [(part, rows & committed) for part, rows in parts(results) if part]
        deadlines, answers = results.scenario.response.deadlines(), results.scenario.response.answers
        by_whom = "" if answers == "both" else f", side {answers}"
        readings = []
        for rung in results.scenario.rungs():
            for part, rows in wholes:
                values = share_of(results, np.isfinite(results.incidents[f"decided.{rung}_s"]), rows)
                label = f"{spoken(rung)}: decided at all{by_whom}"
                readings.append(Reading(f"deadlines.taken.{rung}", label, part, values, "share", int(rows.sum())))
            if rung not in deadlines:
                continue
            its_own, within_s = deadlines[rung]
            for clock, column in CLOCKS.items():
                for step in STEPS:
                    mine = clock == its_own and step == "decided"
                    for part, rows in (*wholes, *(kinds if mine else ())):
                        among = rows & followed(results, within_s, column)
                        values = share_of(results, in_time(results, f"{step}.{rung}_s", column, within_s), among)
                        label = f"{spoken(rung)}: {STEPS[step]} within {duration(within_s)} of the {clock}{by_whom}"
                        name, number = f"deadlines.{step}.{rung}.{clock}", int(among.sum())
                        readings.append(Reading(name, label, part, values, "share", number, mine and part == ""))
        return readings

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw when each stage is reached, for each kind: the median and the way to the slowest tenth, of those that reach it."""
        whole = violations(results) & addressed(results)
        kinds = [(part, rows & whole) for part, rows in parts(results) if part and (rows & whole).any()]
        figure.set_size_inches(13, 3.0 + 0.86 * max(len(kinds), 1))
        height_in = float(figure.get_size_inches()[1])
        times_s = stage_times(results)
        if not with_force(results):
            del times_s[STAGES[-1]]
        last_s = LATEST_S if any(slowest_s(waited_s[rows]) > LAST_S for waited_s in times_s.values() for _, rows in kinds) else LAST_S
        answers = results.scenario.response.answers
        whose = WHOSE[answers]
        said = f"{mix_of(results)}: no {whose}."
        if whole.any():
            reached, in_a_day = (percent(float((times_s["decided"][whole] <= limit_s).mean())) for limit_s in (np.finfo(float).max, DAY))
            said = f"{mix_of(results)}: an answer is decided for {reached} of {whose}, for {in_a_day} within 24 h of the act."
        heading(figure, self.title, f"Time since the act at which each stage is reached. {said}")
        axes = figure.add_axes((0.165, 1.0 / height_in, 0.45, 1 - 2.75 / height_in))
        table = figure.add_axes((0.63, 1.0 / height_in, 0.355, 1 - 2.75 / height_in), sharey=axes)
        calm(axes)
        time_axis(axes, FIRST_S, last_s)
        axes.set_xlim(FIRST_S / 1.3, last_s * 1.15)
        axes.grid(visible=False, axis="y")
        axes.set_ylim(max(len(kinds), 1) - 0.5, -0.5)
        axes.set_yticks(range(len(kinds)), [plain(shorten(spoken(part), 28, placeholder=" ...")) for part, _ in kinds], color=INK)
        axes.set_xlabel("time since the act", color=GREY, size=10)
        table.set_axis_off()
        table.set_xlim(-0.5, len(times_s) - 0.5)
        for place, (_, rows) in enumerate(kinds):
            draw_kind(axes, table, place, {stage: column[rows] for stage, column in times_s.items()}, last_s)
        for number, stage in enumerate(times_s):
            table.plot([number], [-0.64], marker=SHAPES[number], color=SHADES[number], ms=7, mec="white", mew=0.7, clip_on=False)
            table.text(number, -0.93, stage.replace(" ", "\n", 1), size=9, color=INK, ha="center", va="center", linespacing=1.1)
        table.text(-0.42, -1.22, f"share of {whose} that get there", size=9, color=GREY, va="center")
        there = "; force there: the first that had to travel" if STAGES[-1] in times_s else ""
        remark(
            figure,
            "Mark: median of the violations that reach the stage; line: to the slowest tenth of them. A later stage is reached by fewer, "
            "so its median may lie left of an earlier one. "
            f"{'All' if answers == 'both' else 'Only'} {whose}, {runs(results.replications)}. "
            f"Arrow: under {duration(FIRST_S)}, or over {duration(last_s)}. "
            f"Decided: the first step of the answer{there}. Ruled: 1 h, 24 h, 72 h.",
        )


def with_force(results: Results) -> bool:
    """Return whether a step of the answer has a force, or something had to travel all the same."""
    rungs = getattr(results.scenario.response, "rungs", {})
    return any(rung.force for rung in rungs.values()) or bool(np.isfinite(stage_times(results)[STAGES[-1]]).any())


def addressed(results: Results) -> Bools:
    """Return which incidents are of a side whose violations are answered. Shape (N,)."""
    return np.isin(results.incidents["side"], SIDE_OF[results.scenario.response.answers])


def answered(results: Results) -> Bools:
    """Return which incidents got any answer. Shape (N,)."""
    return np.isfinite(earliest(results, "decided"))


def earliest(results: Results, step: str) -> Floats:
    """Return when the first step of the answer was decided, or had arrived. Shape (N,)."""
    columns = [results.incidents[f"{step}.{rung}_s"] for rung in results.scenario.rungs()]
    return np.asarray(np.min([np.full(len(results.incidents["start_s"]), NEVER), *columns], axis=0))


def in_time(results: Results, column: str, since: str, within_s: float) -> Bools:
    """Return for which incidents something came within a time of an instant of theirs; not where either never came. Shape (N,)."""
    came_s, since_s = results.incidents[column], results.incidents[since]
    limit_s = np.where(np.isfinite(since_s), since_s + within_s, -NEVER)
    return np.asarray(came_s <= limit_s)


def stage_times(results: Results) -> dict[str, Floats]:
    """Return the time since the act of each stage, infinite where it was not reached. Shapes (N,)."""
    incidents = results.incidents
    travelled = [np.full(len(incidents["start_s"]), NEVER)]
    for rung in results.scenario.rungs():
        decided_s, arrived_s = incidents[f"decided.{rung}_s"], incidents[f"arrived.{rung}_s"]
        travelled.append(np.where(arrived_s > decided_s, arrived_s, NEVER))
    columns = [incidents[f"{name}_s"] for name in ("seen", "detected", "reported", "verified")]
    columns += [np.where(np.abs(incidents["finding"]) == 1, incidents["attributed_s"], NEVER)]
    columns += [earliest(results, "decided"), np.min(travelled, axis=0)]
    return {stage: column - incidents["start_s"] for stage, column in zip(STAGES, columns, strict=True)}


def slowest_s(waited_s: Floats) -> float:
    """Return the time by which nine in ten of those that reach a stage have done so; 0 where none does."""
    came_s = waited_s[np.isfinite(waited_s)]
    return float(np.quantile(came_s, 0.9)) if len(came_s) else 0.0


def draw_kind(axes: "Axes", table: "Axes", place: int, times_s: dict[str, Floats], last_s: float) -> None:
    """Draw the stages of one kind, one below the other within its row, and write what share reaches each."""
    if place % 2 == 0:
        axes.axhspan(place - 0.5, place + 0.5, color="#f7f6f2", zorder=0)
        table.axhspan(place - 0.5, place + 0.5, color="#f7f6f2", zorder=0)
    for number, (stage, waited_s) in enumerate(times_s.items()):
        came_s = waited_s[np.isfinite(waited_s)]
        share = len(came_s) / len(waited_s)
        table.text(number, place, percent(share), size=9.5, color=INK if share >= 0.005 else "#a8a6a0", ha="center", va="center")
        if len(came_s) == 0:
            continue
        true_s = np.array([np.median(came_s), slowest_s(came_s)])
        median_s, p90_s = np.clip(true_s, FIRST_S, last_s)
        height = place + 0.105 * (number - 3)
        axes.plot([median_s, p90_s], [height, height], color=SHADES[number], lw=1.4, alpha=0.75, zorder=3, solid_capstyle="round")
        axes.plot([median_s], [height], marker=SHAPES[number], color=SHADES[number], ms=6.5, mec="white", mew=0.7, zorder=4, clip_on=False)
        for beyond, at_s, arrow in ((true_s[0] < FIRST_S, FIRST_S / 1.2, "<"), (true_s[1] > last_s, last_s * 1.1, ">")):
            if beyond:
                axes.plot([at_s], [height], marker=arrow, color=SHADES[number], ms=4.5, mew=0.0, zorder=4, clip_on=False)
        if stage == STAGES[0]:
            axes.axhline(place + 0.5, color=FAINT, lw=0.6, zorder=1)
