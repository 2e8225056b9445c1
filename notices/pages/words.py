"""The words of customers' pages, by language, with plural forms and bare of markup.

They stand in ``templates/pages/words/<area>/<language>.toml``: a sentence under a key,
or a table of sentences by plural category (``one``, ``few``, ``many``, ``other``),
chosen by the fact ``n``. ``{name}`` is filled in; on a page each value is escaped and
isolated, so that a name in another script turns no sentence around.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel import Locale
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from notices.announcement_words import own_name
from notices.formats import Formats, direction, formats_for, locale_for

LANGUAGES = ("en", "pl", "fr", "cs", "zh", "ru", "de", "ar")

Sentence = str | Mapping[str, str]


def folder() -> Path:
    """Return where the words stand, one folder an area."""
    return Path(settings.BASE_DIR) / "templates" / "pages" / "words"


@lru_cache(maxsize=64)
def sentences(area: str, language: str) -> Mapping[str, Sentence]:
    """Return the sentences of one area in one of LANGUAGES."""
    with (folder() / area / f"{language}.toml").open("rb") as file:
        found: dict[str, Sentence] = tomllib.load(file)
    return found


def shipped(language: str) -> str:
    """Return which of LANGUAGES a reader of ``language`` gets: ``zh`` for zh-Hans."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else "en"


@dataclass(frozen=True, slots=True)
class Words:
    """What one page says, in one language and country.

    ``areas`` are searched in turn for a key, the page's own first.
    """

    language: str
    country: str
    areas: tuple[str, ...]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction(self.language)

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """All the languages a page is written in: code, own name, direction."""
        return [(code, own_name(code), direction(code)) for code in LANGUAGES]

    def formats(self, currency: str = "") -> Formats:
        """Return how this reader writes dates, counts and money of a currency."""
        return formats_for(locale_for(self.language, self.country), currency)

    def say(self, key: str, **facts: object) -> SafeString:
        """Return a sentence as HTML, each fact escaped and isolated.

        :raises KeyError: there is no such sentence, or a fact is missing.
        """
        isolated = {
            name: value
            if isinstance(value, SafeString)
            else format_html("<bdi>{}</bdi>", self._written(value))
            for name, value in facts.items()
        }
        return mark_safe(self._sentence(key, facts).format(**isolated))  # noqa: S308 - our words, escaped facts

    def plain(self, key: str, **facts: object) -> str:
        """Return a sentence as plain text: a title, a subject, a line of a mail."""
        written = {name: self._written(value) for name, value in facts.items()}
        return self._sentence(key, facts).format(**written)

    def has(self, key: str) -> bool:
        """Whether any area knows the key."""
        return any(key in sentences(area, self.language) for area in self.areas)

    def _sentence(self, key: str, facts: Mapping[str, object]) -> str:
        for area in self.areas:
            found = sentences(area, self.language).get(key)
            if isinstance(found, str):
                return found
            if found is not None:
                rule = Locale.parse(self.language).plural_form
                return found.get(rule(_number(facts["n"]))) or found["other"]
        raise KeyError(f"No sentence {key!r} in {self.areas} ({self.language}).")

    def _written(self, value: object) -> str:
        """Return a fact as this reader writes it; money comes written already."""
        formats = self.formats()
        match value:
            case dt.datetime():
                return formats.moment(value)
            case dt.date():
                return formats.date(value)
            case int() | Decimal():
                return formats.count(int(value))
        return str(value)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"A plural form needs a whole number, not {value!r}.")
    return value


def words_for(language: str, country: str = "", *areas: str) -> Words:
    """Return the words of a page for a reader; ``common`` is always among them."""
    return Words(shipped(language), country, (*areas, "common"))
