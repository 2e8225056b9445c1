"""How templates of customers' pages speak."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: template.Context, key: str, **facts: Any) -> SafeString:
    """Print a sentence in the reader's language: ``{% say "pay_by" day=due %}``.

    As ``notices.pages.words.Words.say``: facts are escaped and isolated.
    """
    sentence: SafeString = context["words"].say(key, **facts)
    return sentence
