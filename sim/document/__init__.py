"""The scenario file as text: a guarded reading, where each value stands, changes to it, and its faults in the author's words."""

from sim.document.borrowed import completed, filled, loans
from sim.document.changes import apply_changes, override, parse_setting, parts_of
from sim.document.faults import checked, explain
from sim.document.places import Document, Spot, Token, Where, in_order, value_at
from sim.document.reader import parse_bytes, parse_text, read

__all__ = [
    "Document",
    "Spot",
    "Token",
    "Where",
    "apply_changes",
    "checked",
    "completed",
    "explain",
    "filled",
    "in_order",
    "loans",
    "override",
    "parse_bytes",
    "parse_setting",
    "parse_text",
    "parts_of",
    "read",
    "value_at",
]
