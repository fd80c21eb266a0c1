"""The ladder: warning, national action, coalition force, each at its trigger and by its body."""

from typing import Annotated

from pydantic import Field

from sim.desk import Clock, Desk, Episode, Trigger
from sim.live import Steps, follow
from sim.model import Model, Probability
from sim.responses.base import Force, Response
from sim.units import PositiveSeconds


class Rung(Model):
    """A step of the ladder."""

    trigger: Trigger = "any"
    """What the episode must show before anybody is asked."""
    body: str
    """Who decides, by name."""
    clock: Clock = "act"
    """What starts the deadline."""
    within_s: PositiveSeconds | None = None
    """The deadline. It hurries nobody: measures tell how often it is kept."""
    action: str = ""
    """What is done, in words."""
    force: Force | None = None
    """What moves; without it the step is taken when it is decided."""
    p_settles: Probability = 0.0
    """Chance that the step ends the episode. Assumption: nobody knows."""


class Ladder(Response, kind="ladder"):
    """Climb rung by rung until a step settles the episode.

    Modelled on the response ladder in the Financial Times, 3 February 2026: a warning and national action within 24 h, then coalition
    forces, and a coordinated force with the US military 72 h after the first breach.
    """

    rungs: Annotated[dict[str, Rung], Field(min_length=1)]
    """The steps, from the lowest up."""

    def answer(self, episode: Episode, desk: Desk) -> Steps:
        """Wait for each rung's trigger, ask its body and, if it agrees, take the step; a refused rung is passed over.

        Climbing does not wait for a force on the road: an attack that grows meanwhile is answered by the next rung.
        """
        if not self.addresses(episode):
            desk.note(episode, "unaddressed")
            return
        since_s = episode.clock_s("act")
        for name, rung in self.rungs.items():
            yield desk.until(episode, rung.trigger, since_s)
            if episode.settled:
                return
            desk.note(episode, "asked", name, rung.body)
            agrees = yield desk.decision(episode, rung.body, name)
            if episode.settled:
                return
            if not agrees:
                desk.note(episode, "refused", name, rung.body)
                continue
            desk.note(episode, "rung", name, rung.body, 1.0)
            since_s = desk.now_s
            follow(self.take(name, rung, episode, desk))

    def take(self, name: str, rung: Rung, episode: Episode, desk: Desk) -> Steps:
        """Let the force come, if there is one, and see whether the step settles the episode."""
        if rung.force:
            distance_m = desk.distance_m(rung.force.hub, episode.chainage_m)
            yield desk.sleep(rung.force.arrives_s(distance_m, desk.luck(episode, name, "notice")))
        desk.note(episode, "arrived", name, rung.body)
        if not episode.settled and desk.luck(episode, name, "settles") < rung.p_settles:
            desk.settle(episode)

    def rungs_named(self) -> tuple[str, ...]:
        """Return the names of the rungs, from the lowest up."""
        return tuple(self.rungs)

    def deadlines(self) -> dict[str, tuple[Clock, float]]:
        """Return clock and seconds of each rung that has a deadline."""
        return {name: (rung.clock, rung.within_s) for name, rung in self.rungs.items() if rung.within_s is not None}
