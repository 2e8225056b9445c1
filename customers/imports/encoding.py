"""Which encoding a text file is in, from its bytes alone.

UTF-8 and UTF-16 are recognised by their form. The three Windows code pages of Europe
have no form, so the letters are weighed: each word votes for the language it looks
like, and the languages that the file turns out to use count for more.
"""

from __future__ import annotations

import codecs
import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from customers.imports.refused import FileRefused

_CHUNK = 1 << 20
_SAMPLE_WORDS = 4_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")

# Letters beyond a-z by language, with their share of a running text in thousandths.
_LETTERS: dict[str, dict[str, str]] = {
    "cp1250": {
        "cs": "í32 á22 ě16 é13 ř12 š8 ž10 č10 ý10 ů7 ú1 ť.4 ň.2 ď.3 ó.3",
        "pl": "ł18 ą10 ę11 ó9 ś7 ż8 ć4 ń2 ź1",
        "sk": "á20 í10 é8 ý9 č10 š9 ž9 ú8 ť7 ľ4 ň2 ô2 ó1 ä1 ď1 ĺ.3 ŕ.1",
        "hu": "á34 é32 ö10 ó10 ő9 ü5 í5 ú3 ű2",
        "ro": "ă12 ţ10 ş9 î7 â5",
        "de": "ü7 ä5 ö3 ß3",
        "hr": "č9 š8 ž5 ć6 đ2",
    },
    "cp1252": {
        "fr": "é19 è4 à5 ê2 ç1 ô1 û1 î1 ù1 â1 ï.2 ë.2 œ.2 ü.1 ÿ.05",
        "de": "ü7 ä5 ö3 ß3 é.2",
        "es": "ó8 á5 í6 é4 ñ2 ú2 ü.2",
        "pt": "ã8 ç6 á5 é5 í3 ó3 õ3 ê3 â2 à1 ú2 ô1",
        "it": "à6 è4 ù2 ì2 ò2 é1",
        "sv": "ä18 å13 ö13 é.2",
        "da": "å12 ø10 æ9 é.3",
        "nl": "é2 ë3 ï1 ü.3 ö.3",
        "is": "ð40 á17 é6 í15 ó10 ú6 ý2 þ14 æ9 ö8",
    },
    "cp1251": {
        "ru": "о109 е84 а80 и73 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 "
        "ь17 г17 з16 б16 ч14 й12 х9 ж9 ш7 ю6 ц5 щ4 э3 ф3 ъ.4 ё.4",
        "uk": "о94 а72 н65 и61 і57 в55 р47 т55 е50 с41 к35 л36 у32 д31 м31 п29 я22 з21 "
        "ь18 б17 г16 ч14 й14 х11 ц10 ж9 ї6 ю9 є5 ш7 щ4 ф3 ґ.1",
        "bg": "а117 и90 е86 о87 т77 н72 р48 с46 в44 л34 к33 д34 п31 м25 з21 я19 ъ16 "
        "г17 у16 б14 ч14 ж7 щ6 ц6 х6 ш4 й7 ю1 ф2 ь.1",
    },
}
# Languages whose few letters would else explain too much of others' words.
_RARE = {"ro": -3.0, "is": -3.0, "hr": -1.0, "pt": -1.0}
_STRANGE = -14.0  # a letter that the language does not have
_SIGN_IN_WORD = -16.0  # a sign such as ³ or ¿ inside a word
_NEUTRAL = "„“”‘’‚…–—«»€§°©®™·•\u00a0´"
_CAPITAL = -2.0
_NEAR_TIE = 3.0


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a file tells: its encoding and the hash of its bytes."""

    encoding: str
    sha256: str


def survey(path: Path, stated: str = "") -> Survey:
    """Return the encoding of a text file, and its SHA-256.

    A ``stated`` encoding is taken without a guess, unless the file begins with the
    mark of another. Reads the whole file once, a
    megabyte at a time.

    :raises FileRefused: ``binary`` or ``mixed_encodings``.
    """
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    nuls = False
    words: list[bytes] = []
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            nuls = nuls or b"\x00" in chunk
            if is_utf8:
                is_utf8 = _decodes(decoder, chunk)
            if len(words) < _SAMPLE_WORDS and not chunk.isascii():
                words.extend(_WORD.findall(chunk))
        if is_utf8:
            is_utf8 = _decodes(decoder, b"", final=True)
        sample = _beginning(path)
    encoding = _encoding(head, sample, is_utf8, nuls, words[:_SAMPLE_WORDS], stated)
    return Survey(encoding, digest.hexdigest())


def _decodes(
    decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False
) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65_536)


def _encoding(
    head: bytes,
    sample: bytes,
    is_utf8: bool,
    nuls: bool,
    words: list[bytes],
    stated: str,
) -> str:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if stated:
        return stated
    if nuls:
        return _utf16_without_bom(sample)
    if is_utf8:
        return "utf-8"
    _refuse_mixed(words)
    return guess_code_page(words)


def _utf16_without_bom(sample: bytes) -> str:
    """Return the byte order, told from where the zeros of plain letters stand."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd and max(even, odd) >= 0.95 * (even + odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise FileRefused(
        "binary",
        "The file is not a table of text. Save it as CSV, XLSX or ODS and try again.",
    )


def _refuse_mixed(words: list[bytes]) -> None:
    """Refuse a file of which a good part, but not all, is UTF-8.

    No honest guess exists for it: half of the names would come out garbled.
    """
    runs = [run for word in words for run in _HIGH_RUN.findall(word)]
    proper = 0
    for run in runs:
        try:
            run.decode("utf-8")
        except UnicodeDecodeError:
            continue
        proper += 1
    if proper and proper * 10 >= len(runs):
        raise FileRefused(
            "mixed_encodings",
            "Part of the file is UTF-8 and part is not. Save all of it as UTF-8, or "
            "state its encoding in the profile.",
        )


def guess_code_page(words: list[bytes]) -> str:
    """Return the Windows code page under which the words read best."""
    scores = {page: _score(words, page) for page in _LETTERS}
    best, second = sorted(scores, key=lambda page: -scores[page])[:2]
    if scores[best] - scores[second] >= _NEAR_TIE:
        return best
    guess = from_bytes(b" ".join(words), cp_isolation=[best, second]).best()
    return guess.encoding if guess and guess.encoding in (best, second) else best


def _score(words: list[bytes], page: str) -> float:
    """Return how well the words read as a mixture of the page's languages."""
    try:
        texts = [word.decode(page) for word in words]
    except UnicodeDecodeError:
        return -math.inf
    votes = [
        [
            sum((_weigh(c, letters) for c in text if c > "\x7f"), rarity)
            for rarity, letters in _WEIGHTS[page]
        ]
        for text in texts
    ]
    share = [1 / len(_WEIGHTS[page])] * len(_WEIGHTS[page])
    total = 0.0
    for _ in range(4):
        total = 0.0
        found = [1e-3] * len(share)
        for vote in votes:
            peak = max(vote)
            odds = [
                part * math.exp(v - peak) for part, v in zip(share, vote, strict=True)
            ]
            mass = sum(odds)
            total += peak + math.log(mass)
            for at, odd in enumerate(odds):
                found[at] += odd / mass
        whole = sum(found)
        share = [part / whole for part in found]
    return total


def _weigh(letter: str, letters: dict[str, float]) -> float:
    if letter in letters:
        return letters[letter]
    small = letter.lower()
    if small in letters:
        return letters[small] + _CAPITAL
    if letter in _NEUTRAL:
        return -6.0
    return _STRANGE if letter.isalpha() else _SIGN_IN_WORD


def _logarithms(stated: str) -> dict[str, float]:
    pairs = {part[0]: float(part[1:]) for part in stated.split()}
    whole = sum(pairs.values())
    return {letter: math.log(share / whole) for letter, share in pairs.items()}


_WEIGHTS = {
    page: [
        (_RARE.get(language, 0.0), _logarithms(stated))
        for language, stated in languages.items()
    ]
    for page, languages in _LETTERS.items()
}
