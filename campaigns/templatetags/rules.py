"""What templates ask of a rule of law."""

from __future__ import annotations

import datetime as dt

from django import template

from consent.law import Rule

register = template.Library()


@register.filter
def stale_on(rule: Rule, day: dt.date) -> bool:
    """Whether the day by which a rule was to be looked at again is past."""
    return rule.is_stale(day)
