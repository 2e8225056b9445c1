"""The forms of the preference page, in the reader's words."""

from __future__ import annotations

from typing import Any

from django import forms

from consent.categories import CATEGORIES, REQUIRED
from consent.models import ContactWish
from consent.preferences import Switch
from consent.wishes import ORDERED, SWITCHES
from customers.contact import ContactError, normalise_email, read_phone
from notices.choices import Choices
from notices.house import languages_of_texts
from notices.pages.once import OnceForm
from notices.pages.words import Words

MOST_WORDS = 1000


class PageForm(OnceForm):
    """A form whose labels and errors are sentences of the page."""

    def __init__(self, *args: Any, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def errors_of(self, **keys: str) -> dict[str, str]:
        """Return the messages of a field, by Django's code for each."""
        usual = {"required": "required", "max_length": "too_long"}
        return {
            code: str(self.words.plain(key)) for code, key in (usual | keys).items()
        }


class MessagesForm(PageForm):
    """What comes by which channel: boxes for what may be off, e-mail or paper else."""

    def __init__(
        self, *args: Any, words: Words, choices: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, words=words, **kwargs)
        self.choices = choices
        for category in CATEGORIES:
            if category in REQUIRED:
                self._add_required(category)
            elif choices.possible(category):
                self._add_switches(category)

    def _add_required(self, category: str) -> None:
        # Paper already: to get e-mail instead is a consent, and has its own page.
        if not self.choices.by_mail(category):
            return
        self.fields[category] = forms.ChoiceField(
            label=self.words.plain(category),
            help_text=self.words.plain(f"{category}_hint"),
            choices=[
                ("email", self.words.plain("by_email")),
                ("paper", self.words.plain("on_paper")),
            ],
            widget=forms.RadioSelect,
            initial="email",
            error_messages=self.errors_of(required="choose", invalid_choice="choose"),
        )

    def _add_switches(self, category: str) -> None:
        self.fields[category] = forms.MultipleChoiceField(
            label=self.words.plain(category),
            help_text=self.words.plain(f"{category}_hint"),
            choices=[
                (channel, self.words.plain(f"by_{channel}"))
                for channel in self.choices.possible(category)
            ],
            widget=forms.CheckboxSelectMultiple,
            initial=list(self.choices.switched_on(category)),
            required=False,
            error_messages=self.errors_of(invalid_choice="choose"),
        )

    @property
    def wanted(self) -> dict[Switch, bool]:
        """What the boxes say, for every one that was shown."""
        return {
            (category, channel): channel in self.cleaned_data[category]
            for category in SWITCHES
            if category in self.fields
            for channel in self.choices.possible(category)
        }

    @property
    def to_paper(self) -> list[str]:
        """The required categories that are to come on paper from now on."""
        return [one for one in REQUIRED if self.cleaned_data.get(one) == "paper"]


class WishesForm(PageForm):
    """Language, order of channels, hour of the day, and the day money comes in."""

    def __init__(
        self,
        *args: Any,
        words: Words,
        channels: tuple[str, ...],
        wish: ContactWish,
        language: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, words=words, **kwargs)
        errors = self.errors_of(required="choose", invalid_choice="choose")
        # Pages speak more languages than there are approved texts to send.
        written = languages_of_texts()
        languages = [
            (code, name) for code, name, _ in words.languages if code in written
        ]
        if language not in dict(languages):
            # A language of theirs that these pages do not have is not taken away.
            languages.append((language, words.plain("language_as_is")))
        order = [*wish.channel_order, "", ""]
        self.fields["language"] = forms.ChoiceField(
            label=words.plain("language_wish"),
            choices=languages,
            initial=language,
            error_messages=errors,
        )
        ways = [(one, words.plain(f"by_{one}")) for one in ORDERED if one in channels]
        for place, name in enumerate(("first", "second")):
            self.fields[name] = forms.ChoiceField(
                label=words.plain(f"{name}_channel"),
                help_text=words.plain("first_channel_hint") if not place else "",
                choices=[("", words.plain("no_wish")), *ways],
                initial=order[place],
                required=False,
                error_messages=errors,
            )
        self.fields["best_time"] = forms.ChoiceField(
            label=words.plain("best_time"),
            help_text=words.plain("best_time_hint"),
            choices=[
                ("", words.plain("any_time")),
                *((one.value, words.plain(one.value)) for one in ContactWish.BestTime),
            ],
            initial=wish.best_time,
            required=False,
            error_messages=errors,
        )
        wrong_day = self.errors_of(
            invalid="pay_day_wrong",
            min_value="pay_day_wrong",
            max_value="pay_day_wrong",
        )
        self.fields["pay_day"] = forms.IntegerField(
            label=words.plain("pay_day"),
            help_text=words.plain("pay_day_hint"),
            min_value=1,
            max_value=31,
            initial=wish.pay_day,
            required=False,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            error_messages=wrong_day,
        )

    @property
    def channel_order(self) -> list[str]:
        """The channels named, the first first, each once."""
        named = (self.cleaned_data["first"], self.cleaned_data["second"])
        return list(dict.fromkeys(one for one in named if one))


class EmailForm(PageForm):
    """A new e-mail address, typed twice."""

    def __init__(self, *args: Any, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, words=words, **kwargs)
        for name in ("value", "again"):
            self.fields[name] = forms.CharField(
                label=words.plain("new_email" if name == "value" else "email_again"),
                max_length=320,
                widget=forms.EmailInput(attrs={"autocomplete": "email"}),
                error_messages=self.errors_of(),
            )

    def clean_value(self) -> str:
        """Return the address in its normal form."""
        try:
            return normalise_email(self.cleaned_data["value"])
        except ContactError as error:
            raise forms.ValidationError(self.words.plain("email_wrong")) from error

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        data = self.cleaned_data
        if "value" in data and "again" in data:
            try:
                same = normalise_email(data["again"]) == data["value"]
            except ContactError:
                same = False
            if not same:
                self.add_error("again", self.words.plain("email_differs"))
        return data


class MobileForm(PageForm):
    """A new mobile number."""

    def __init__(self, *args: Any, words: Words, country: str, **kwargs: Any) -> None:
        super().__init__(*args, words=words, **kwargs)
        self.country = country
        self.fields["value"] = forms.CharField(
            label=words.plain("new_mobile"),
            help_text=words.plain("new_mobile_hint"),
            max_length=40,
            widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            error_messages=self.errors_of(),
        )

    def clean_value(self) -> str:
        """Return the number in its normal form."""
        try:
            phone = read_phone(self.cleaned_data["value"], self.country)
        except ContactError as error:
            raise forms.ValidationError(self.words.plain("mobile_wrong")) from error
        if phone.kind not in {"mobile", "either"}:
            raise forms.ValidationError(self.words.plain("mobile_wrong"))
        return phone.e164


class DetailsForm(PageForm):
    """What is right of a postal address, or of anything else, in free words."""

    def __init__(self, *args: Any, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, words=words, **kwargs)
        self.fields["value"] = forms.CharField(
            label=words.plain("details_label"),
            help_text=words.plain("details_hint"),
            max_length=MOST_WORDS,
            widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            error_messages=self.errors_of(),
        )
