"""Whether a translation calls the firm's own things what the glossary calls them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from notices.kinds import SOURCE_LANGUAGE
from notices.lint.findings import finding
from notices.lint.text import Finding, Glossary, Text
from notices.lint.words import Phrases, phrases_of, words_of


def glossary_findings(
    text: Text, siblings: Sequence[Text], glossary: Glossary
) -> Iterator[Finding]:
    """Yield each term of the English text that this translation calls something else.

    ``glossary`` holds pairs of the English words and what this language says for them.
    """
    source = next(
        (
            one
            for one in siblings
            if (one.key, one.form, one.language)
            == (text.key, text.form, SOURCE_LANGUAGE)
        ),
        None,
    )
    if source is None or text.language == SOURCE_LANGUAGE:
        return
    for word, says in glossary:
        if _says(source, word) and not _says(text, says):
            yield finding("term_missing", words=says, term=word)


def _says(text: Text, words: str) -> bool:
    phrases = _phrases(words, text.language)
    return any(phrases.is_in(source.prose) for source, _ in text.places)


@lru_cache(maxsize=512)
def _phrases(words: str, language: str) -> Phrases:
    return phrases_of([words], spaced=words_of(language).is_spaced)
