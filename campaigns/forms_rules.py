"""What staff fill in about a rule of law: what it says, from when, its source, why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms

from campaigns.forms import DayInput
from consent.packs.editing import (
    mark_of,
    text_from_value,
    value_from_text,
    with_rule,
    without_rule,
)
from consent.packs.reading import PackError, read_pack
from consent.rule_kinds import RULE_KINDS

_DAY_WRONG = {"invalid": "Write the date as year-month-day, like 2026-03-31."}
_DAYS = ("effective_from", "effective_to", "checked_on", "review_by")


class RuleForm(forms.Form):
    """One rule of a place, put in, put right or taken out; a proposal, not a change.

    After ``is_valid``, ``definition`` is the whole place with it.
    """

    rule = forms.ChoiceField(
        choices=[(one.name, one.label) for one in RULE_KINDS.values()]
    )
    person = forms.ChoiceField(
        label="For",
        required=False,
        choices=[("", "Everybody"), ("consumer", "Persons"), ("business", "Firms")],
    )
    value = forms.CharField(
        max_length=500,
        help_text="As the rule is written now, or as the list below says.",
        error_messages={"required": "Say what the rule is."},
    )
    effective_from = forms.DateField(
        label="In force from",
        required=False,
        widget=DayInput(),
        help_text="Empty: it was in force already when it was checked.",
        error_messages=_DAY_WRONG,
    )
    effective_to = forms.DateField(
        label="Last day",
        required=False,
        widget=DayInput(),
        help_text="Empty: until it is changed.",
        error_messages=_DAY_WRONG,
    )
    source = forms.CharField(
        max_length=300,
        help_text="The law, rule or ruling, so that a colleague finds it.",
        error_messages={"required": "Name the source."},
    )
    checked_on = forms.DateField(
        widget=DayInput(),
        error_messages=_DAY_WRONG | {"required": "Say when the source was checked."},
    )
    review_by = forms.DateField(
        label="Look at it again by",
        widget=DayInput(),
        error_messages=_DAY_WRONG | {"required": "Say by when to look at it again."},
    )
    counsel_confirmed = forms.BooleanField(label="Confirmed by counsel", required=False)
    note = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    remove = forms.BooleanField(label="Take this rule out", required=False)
    used_from = forms.DateField(
        label="Use these rules from",
        widget=DayInput(),
        help_text="Not before somebody else has approved them.",
        error_messages=_DAY_WRONG | {"required": "Say from when they are used."},
    )
    why = forms.CharField(
        max_length=500,
        label="Why they change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For whoever approves it.",
        error_messages={"required": "Say why; who approves it will read it."},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        base: Mapping[str, Any],
        mark: str = "",
        used_from: dt.date,
        why: str = "",
    ) -> None:
        self.base, self.mark = base, mark
        known = {mark_of(raw): raw for raw in base.get("rules", ())}
        raw = known.get(mark, {})
        initial: dict[str, Any] = {"used_from": used_from, "why": why, **raw}
        if raw:
            initial["value"] = text_from_value(raw["value"])
        super().__init__(data, initial=initial)
        if not raw:
            del self.fields["remove"]

    def clean(self) -> dict[str, Any]:
        """Put the rule into its place; refuse what cannot be read."""
        said: dict[str, Any] = self.cleaned_data
        if self.errors:
            return said
        if said.get("remove"):
            self.definition = without_rule(self.base, self.mark)
            return said
        self.definition = with_rule(self.base, self._raw(), instead_of=self.mark)
        try:
            read_pack(self.definition, version=1, effective_from=said["used_from"])
        except PackError as error:
            self.add_error("value", str(error))
        return said

    def _raw(self) -> dict[str, Any]:
        """Return the rule as a definition has it, without what was left empty."""
        said = self.cleaned_data
        value = value_from_text(said["value"])
        if said["rule"] == "paper_only" and isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        raw: dict[str, Any] = {"rule": said["rule"], "value": value}
        raw["source"] = said["source"]
        for name in ("person", "note"):
            if said[name]:
                raw[name] = said[name]
        for name in _DAYS:
            if said[name]:
                raw[name] = said[name].isoformat()
        raw["counsel_confirmed"] = said["counsel_confirmed"]
        return raw


class SetAsideForm(forms.Form):
    """Why a proposal is dropped."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why; who proposed it will read it."},
    )
