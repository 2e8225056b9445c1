"""What is wrong with a value that a rule of law was given."""

from __future__ import annotations


class RuleError(ValueError):
    """A value that a rule cannot have; the sentence says what would do."""
