"""What share of violations is verified, and of whom it is said that he did it."""

from typing import ClassVar

import numpy as np

from sim.measures.base import Measure, Reading, followed, parts, share_of
from sim.story import Results
from sim.units import DAY

UNDETERMINED, NO_FINDING = 0, 9


class Verification(Measure, kind="verification"):
    """The share of violations that the desk verifies and attributes, and how often it names the right side."""

    title: ClassVar[str] = "How much of what happened can be proved, and against whom?"
    order: ClassVar[int] = 30

    def readings(self, results: Results) -> list[Reading]:
        """Count findings: of all violations, of the verified ones with a finding, and of those that name a side."""
        incidents = results.incidents
        finding, verified_s = incidents["finding"], incidents["verified_s"]
        concluded = finding != NO_FINDING
        named = concluded & (finding != UNDETERMINED)
        always = np.ones(len(finding), dtype=bool)
        asked = (
            ("verified", "verified", np.isfinite(verified_s), always),
            ("within_24h", "verified within 24 h of the act", verified_s - incidents["start_s"] <= DAY, followed(results, DAY)),
            ("attributed", "attributed to a side", named, always),
            ("undetermined", "side undetermined, of those with a finding", finding == UNDETERMINED, concluded),
            ("correct_side", "right side named, of those attributed", finding == incidents["side"], named),
        )
        readings = []
        for part, rows in parts(results):
            for name, label, hits, among in asked:
                number, headline = int((rows & among).sum()), part == "" and name == "within_24h"
                ratio = share_of(results, hits, rows & among)
                readings.append(Reading(f"verification.{name}", label, part, ratio, "share", number, headline))
        return readings
