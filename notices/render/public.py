"""Makes the body of a public page: HTML for the site, and the same as plain text."""

from __future__ import annotations

from notices.render.compiled import CompiledTemplate
from notices.render.facts import Facts
from notices.render.liquid_text import fill
from notices.render.rendered import Rendered
from notices.render.texts import subject_of, text_of
from notices.render.values import Values

MEDIA_TYPE = "text/html; charset=utf-8"


def render_public(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
    """Return the body of a public page as a piece of HTML.

    The heading is the page's own ``h1``; those of the body begin one below it.

    :raises RenderError: ``cannot_fill``.
    """
    assert compiled.html is not None  # noqa: S101  (a public text has a page)
    body = fill(compiled.html, values, "")
    body = body.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return Rendered(
        media_type=MEDIA_TYPE,
        body=body.encode(),
        subject=subject_of(compiled, values, ""),
        text=text_of(compiled, values, ""),
    )
