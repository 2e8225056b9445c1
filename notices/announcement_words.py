"""The words around an announcement: of its page, of languages, zones and questions.

Those of the page stand in ``templates/notices/public/<language>.toml``, questions that
readers will ask in ``notices/starter/en/questions.toml``. Knows no announcement.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.conf import settings

from notices.formats import formats_for, locale_for

_STARTER = Path(__file__).resolve().parent / "starter"


@lru_cache(maxsize=64)
def public_words(language: str) -> Mapping[str, str]:
    """Return the words around an announcement; English where we have none.

    With ``colon`` and ``comma`` as the customers' own pages write them.
    """
    templates = Path(settings.BASE_DIR) / "templates"
    common = _read(templates / "pages" / "words" / "common", language)
    signs = {name: common[name] for name in ("colon", "comma")}
    return _read(templates / "notices" / "public", language) | signs


def _read(folder: Path, language: str) -> dict[str, str]:
    path = folder / f"{language}.toml"
    if not path.is_file():
        path = folder / "en.toml"
    with path.open("rb") as file:
        found: dict[str, str] = tomllib.load(file)
    return found


@lru_cache(maxsize=256)
def own_name(language: str) -> str:
    """Return the language's name in itself: polski, 中文, العربية."""
    return str(Locale.parse(language).get_display_name() or language)


# Said by the form, and by the verb where somebody else was quicker.
TAKEN = "Another announcement has this address. Choose a different one."


def is_language(code: str) -> bool:
    """Whether there is a language of that code, such as ``pl``."""
    try:
        return code.isascii() and code.isalpha() and bool(Locale.parse(code))
    except (UnknownLocaleError, ValueError):
        return False


def moment_words(when: dt.datetime, contact: Mapping[str, str], language: str) -> str:
    """Return an instant in the firm's zone, as the language writes it."""
    formats = formats_for(locale_for(language, contact["country"]), "")
    return formats.moment(when.astimezone(ZoneInfo(contact["time_zone"])))


@lru_cache(maxsize=1)
def _suggestions() -> Mapping[str, list[dict[str, str]]]:
    with (_STARTER / "en" / "questions.toml").open("rb") as file:
        return tomllib.load(file)


def suggested_questions(kind: str) -> list[dict[str, str]]:
    """Return questions that readers will ask, in English, with answers where known."""
    return list(_suggestions().get(kind, ()))
