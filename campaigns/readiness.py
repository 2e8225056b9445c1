"""What a campaign needs before it may start: steps, words for each, lawful dates."""

from __future__ import annotations

import datetime as dt

from campaigns import law_words, lawful
from campaigns.compose import MissingTemplate
from campaigns.models import Campaign, Step
from customers.calendars import local_day
from notices.kinds import FORMS_OF
from notices.models import TemplateVersion


class NotReady(Exception):
    """A campaign that must not start; the text tells staff why."""


def check_ready(campaign: Campaign, told_at: dt.datetime) -> None:
    """Refuse a campaign that could not do what it is for if it started at ``told_at``.

    :raises NotReady: it has no steps, a step has no wording, it would break a notice
        period, or a rule in doubt was not gone on with.
    """
    _check_steps(campaign)
    _check_law(campaign, told_at)


def _check_steps(campaign: Campaign) -> None:
    """Refuse to start without steps, or with one that cannot be said.

    :raises NotReady: it says what is missing.
    """
    steps = list(campaign.ladder.steps.all())
    if not steps:
        raise NotReady("The ladder has no steps. Add one before you start.")
    _check_wordings(steps)


def _check_wordings(steps: list[Step]) -> None:
    """Refuse to start while a step has no English wording for one of its channels.

    :raises NotReady: it names the step and the channel.
    """
    published = set(
        TemplateVersion.objects.published()
        .filter(language="en", key__in={step.template_key for step in steps})
        .values_list("key", "channel")
    )
    for step in steps:
        for channel in step.channels:
            forms = {(step.template_key, form.value) for form in FORMS_OF[channel]}
            if forms.isdisjoint(published):
                raise NotReady(
                    f"Step “{step.key}”: {MissingTemplate(step.template_key, channel)}"
                )


def _check_law(campaign: Campaign, told_at: dt.datetime) -> None:
    """Refuse to start what breaks a notice period, or rests on rules in doubt.

    :raises NotReady: it says by how much, or which rules.
    """
    day = local_day(told_at, campaign.brand.time_zone)
    found = lawful.look(campaign, day)
    for one in found.broken:
        raise NotReady(law_words.too_soon(one, day))
    doubtful = lawful.unaccepted(campaign, found, day)
    if doubtful:
        raise NotReady(law_words.in_doubt(doubtful))
