"""Holds a page to WCAG 2.2 AA, as far as a machine can tell (axe-core)."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from playwright.sync_api import Page

TAGS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
]
# Nothing is loaded ahead: only rules about films and turned screens would need it.
# Frames are not waited for: they hold mails, and axe is not in them.
RUN = (
    "(tags) => axe.run(document, "
    "{runOnly: tags, preload: false, iframes: false, resultTypes: ['violations']})"
)


@lru_cache(maxsize=1)
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """Return what is wrong on a page: the rule, its reason, and where."""
    if not page.evaluate("'axe' in window"):
        # By evaluating: the page's content policy lets no script tag in.
        page.evaluate(_source())
    found = page.evaluate(RUN, TAGS)["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"][:3]
    ]
