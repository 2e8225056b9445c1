"""The catalogue of findings, by code: how grave each is, what to say, what to do."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from notices.lint.source import FIELD, TAG, Source
from notices.lint.text import Finding, Severity
from notices.lint.words import DATA

MOST_WORDS = 80


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """Return severity, sentence and suggestion of each code."""
    found: dict[str, dict[str, str]] = tomllib.loads(
        (DATA / "findings.toml").read_text(encoding="utf-8")
    )
    return found


def finding(
    code: str,
    line: int = 0,
    words: str = "",
    *,
    severity: Severity | None = None,
    **said: object,
) -> Finding:
    """Return a finding in the words of the catalogue, filled with ``said``."""
    entry = catalogue()[code]
    shown = tidy(words)
    return Finding(
        code=code,
        severity=severity or Severity(entry["severity"]),
        line=line,
        words=shown,
        sentence=entry["sentence"].format(words=shown, **said),
        suggestion=entry.get("suggestion", "").format(words=shown, **said),
    )


def tidy(words: str) -> str:
    """Return words of a text fit to be quoted: one line, fields as an ellipsis."""
    # Cut first: what is shown is short, whatever the text.
    bare = words[: 20 * MOST_WORDS].replace(TAG, "")
    for _ in range(12):
        bare = bare.replace(FIELD * 2, FIELD)
    line = " ".join(bare.replace(FIELD, "…").split())
    return line if len(line) <= MOST_WORDS else f"{line[:MOST_WORDS]}…"


def line_of(source: Source, index: int, *, has_lines: bool) -> int:
    """Return the line of a place in the body; 0 in the subject."""
    return source.line_at(index) if has_lines else 0
