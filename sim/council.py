"""The council: how long its members take to agree, and by which rule many consents become one decision."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from statistics import NormalDist
from typing import Annotated

from pydantic import ConfigDict, Field, field_validator, model_validator

from sim.dice import Die, number_of
from sim.family import Member
from sim.model import Model, Probability, Spread
from sim.units import Seconds, fault, shortened

NEVER = math.inf
STANDARD = NormalDist()
MOOD, MEETS = number_of("mood"), number_of("meets")
"""What names the throws of a question that belong to no state."""


class State(Model):
    """A government that has a say: how long it takes to agree, and whether it ever does.

    Delay classes, after the survey of parliaments in DCAF Occasional Paper 21 (the durations are assumptions): executive alone 2 to
    12 h, executive that consults 6 to 36 h, parliament in urgency 1 to 4 days, parliament as usual 7 to 21 days.
    """

    decides: Spread
    """From the question to its consent, where it consents."""
    p_never: Probability = 0.0
    """Chance that it never agrees."""
    political: Probability = 0.0
    """Share in the mood that all governments have in common: 0 decides for itself, 1 goes with the mood. Assumption, range 0 to 0.6."""

    def consent_s(self, reluctance: float) -> float:
        """Return when it agrees, infinite for never: the delay at this quantile of all its answers, never the slowest of them."""
        p_agrees = 1.0 - self.p_never
        return float(self.decides.quantile_s(reluctance / p_agrees)) if reluctance < p_agrees else NEVER


class Body(Member, ABC):
    """Some states and the rule by which they decide.

    Every throw is named by the question and the state, so that a question is decided alike whatever watches the line, and a state
    answers alike whichever body it is asked in.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    members: tuple[str, ...] = Field(min_length=1)
    """Who has a say, by name."""
    meets: Spread | None = None
    """Until it can be convened; at once without it. Assumption: states begin to decide when it meets."""

    @field_validator("members")
    @classmethod
    def once_each(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a state with two voices."""
        for index, state in enumerate(members):
            if state in members[:index]:
                raise fault("twice", "{state} is named twice; keep one", state=shortened(state))
        return members

    def decide_s(self, states: Mapping[str, State], die: Die, question_key: int) -> float:
        """Return the time from the question to the decision, infinite for never.

        Args:
            states: The states by name.
            die: The throws of all questions.
            question_key: The number that names the question.
        """
        asked = [states[name] for name in self.members]
        convened_s = 0.0 if self.meets is None else float(self.meets.quantile_s(die.uniform(question_key, MEETS)))
        return convened_s + self.agree_s(asked, reluctances(self.members, asked, die, question_key))

    @abstractmethod
    def agree_s(self, asked: list[State], reluctance: list[float]) -> float:
        """Return the time from the meeting to the decision, infinite for never.

        Args:
            asked: The states of the body.
            reluctance: Of each on this question, from 0 to 1.
        """


class Voting(Body, ABC):
    """A body that decides when enough of its members have agreed."""

    @abstractmethod
    def quorum(self) -> int:
        """Return how many consents it needs."""

    def agree_s(self, asked: list[State], reluctance: list[float]) -> float:
        """Decide with the last consent that is needed."""
        consents_s = sorted(map(State.consent_s, asked, reluctance))
        return consents_s[self.quorum() - 1]


class Sole(Voting, kind="sole"):
    """One state decides for itself, or for all."""

    @field_validator("members")
    @classmethod
    def alone(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse company."""
        if len(members) != 1:
            raise fault("company", "a sole body has one member; write kind majority, k_of_n or consensus for several")
        return members

    def quorum(self) -> int:
        """Need the one."""
        return 1


class Majority(Voting, kind="majority"):
    """More than half of the members decide."""

    def quorum(self) -> int:
        """Need more than half."""
        return len(self.members) // 2 + 1


class KOfN(Voting, kind="k_of_n"):
    """So many members decide and the others do not block: lead nations, a two-thirds rule."""

    k: Annotated[int, Field(ge=1)]
    """How many must agree."""

    @model_validator(mode="after")
    def reachable(self) -> "KOfN":
        """Refuse a quorum that is larger than the body."""
        if self.k > len(self.members):
            raise fault("quorum", "{k} of {n} can never agree; write at most {n}", k=self.k, n=len(self.members), at="k")
        return self

    def quorum(self) -> int:
        """Need k."""
        return self.k


class Consensus(Voting, kind="consensus"):
    """All members decide, as in the North Atlantic Council: the slowest sets the time, and one can stop all."""

    def quorum(self) -> int:
        """Need all."""
        return len(self.members)


class Silence(Body, kind="silence"):
    """The question stands for a while and passes unless a member objects; with no objections it is a rule that acts by itself."""

    silence_s: Seconds
    """How long the question stands."""
    p_objects: Probability
    """Chance that a member breaks the silence."""

    def agree_s(self, asked: list[State], reluctance: list[float]) -> float:
        """Pass at the end of the silence, unless the most reluctant member breaks it."""
        return self.silence_s if max(reluctance) < 1.0 - self.p_objects else NEVER


def reluctances(names: tuple[str, ...], asked: list[State], die: Die, question_key: int) -> list[float]:
    """Return how reluctant each state is on a question, uniform on (0, 1) and correlated by the common mood.

    One mood Z for the question and one throw e for each state, both standard normal, give sqrt(p) Z + sqrt(1 - p) e with the state's
    political share p; two states then correlate by the root of the product of their shares. Independent delays would flatter a
    council, for some of many independent members are always quick.

    Args:
        names: Of the states.
        asked: The same states.
        die: The throws of all questions.
        question_key: The number that names the question.

    Source: the one-factor Gaussian copula, O. Vasicek, The distribution of loan portfolio value, Risk 15 (2002) 160-162.
    """
    throws = [die.uniform(question_key, key_of(name)) for name in names]
    mood = STANDARD.inv_cdf(die.uniform(question_key, MOOD))
    return [swayed(throw, mood, state.political) for throw, state in zip(throws, asked, strict=True)]


def swayed(throw: float, mood: float, political: float) -> float:
    """Return a state's own throw as the common mood moves it; uniform again.

    >>> swayed(0.25, 3.0, political=0.0), round(swayed(0.25, 0.0, political=1.0), 3)
    (0.25, 0.5)
    """
    if political == 0.0:
        return throw
    z = math.sqrt(political) * mood + math.sqrt(1.0 - political) * STANDARD.inv_cdf(throw)
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@cache
def key_of(state: str) -> int:
    """Return the number that names a state's throws."""
    return number_of("state", state)
