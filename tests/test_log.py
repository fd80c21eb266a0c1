"""Facts in their order, and a digest of them."""

from sim.log import Entry, EventLog

FACTS = [
    Entry(1.0, "contact", 3, actor="masts", detail="7"),
    Entry(2.0, "alarm", 3, actor="masts"),
    Entry(2.0, "rung", episode=1, value=1.0),
]


def logged(*facts: Entry) -> EventLog:
    log = EventLog()
    for fact in facts:
        log.note(*fact)
    return log


def test_facts_are_found_by_their_verbs_in_order() -> None:
    assert [entry.verb for entry in logged(*FACTS).of("rung", "contact")] == ["contact", "rung"]
    assert not list(logged().of("contact"))


def test_the_facts_of_a_verb_are_those_of_now_and_not_of_when_it_was_last_asked() -> None:
    log = logged(*FACTS)
    assert [fact[0] for fact in log.bare("contact")] == [1.0]
    log.note(0.5, "contact", 4)
    assert [fact[0] for fact in log.bare("contact")] == [1.0, 0.5]
    log.sort()
    assert [entry.incident for entry in log.of("contact")] == [4, 3]
    assert log.bare("lost") == ()


def test_equal_logs_have_equal_digests() -> None:
    assert logged(*FACTS).digest() == logged(*FACTS).digest()


def test_any_change_changes_the_digest() -> None:
    digests = {
        logged(*facts).digest()
        for facts in (
            FACTS,
            FACTS[:2],
            FACTS[::-1],
            [FACTS[0]._replace(t_s=1.0009765625), *FACTS[1:]],
            [FACTS[0]._replace(detail="8"), *FACTS[1:]],
            [FACTS[0]._replace(actor="masts7", detail=""), *FACTS[1:]],
        )
    }
    assert len(digests) == 6
