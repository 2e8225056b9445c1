"""What is wrong with a text, told before anybody gets it: the lint.

``lint`` reads one wording of a kind, form and language and returns its findings, from
tables of words and parts under ``data``. Asks no table of the database, no clock and
no network; notices.lint.versions brings it the rows.
"""

from __future__ import annotations

from notices.lint.check import lint
from notices.lint.text import Finding, House, Severity, Text

__all__ = ["Finding", "House", "Severity", "Text", "lint"]
