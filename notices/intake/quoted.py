"""Cuts a reply down to what the customer wrote: no quotes, no signature, no markup.

What we wrote ourselves must never be read as theirs: our texts say how to opt out.
Pure; never raises, whatever is thrown at it, and takes time in proportion to it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

# As much as anybody reads, and the most that is kept.
LONGEST = 20_000

_QUOTED = re.compile(r"^\s{0,3}>")
# "On Tue, 3 Mar 2026, Northwind <bills@…> wrote:" as mail programs of eight languages
# and more put it: a verb at the end, and a day, an hour or an address before it.
_WROTE = re.compile(
    r"(?:wrote|schrieb(?: \S[^:]{0,80})?|a écrit|escribió|escreveu|ha scritto|schreef"
    r"|napsala?|napsal\(a\)|pisze|napisała?|napisał\(a\)|пишет|написал\(а\)|написала?"
    r"|写道|寫道|كتبت?(?: [^:]{1,80})?|تمت كتابة ما يلي بواسطة [^:]{0,90})"
    r"\s?[:：][\u200e\u200f\u202a-\u202e\u2066-\u2069]*$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:on|am|le|el|em|il|op|dne|dnia|w dniu|den)\b.{0,200}\d", re.IGNORECASE
)
_WHEN_OR_WHO = re.compile(r"\d{4}|\d\d?[:.]\d\d|@")
# From here on everything is the mail that is answered.
_ENDS = re.compile(
    r"^\s*(?:-{2,}\s?(?:original message|original appointment|forwarded message"
    r"|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine"
    r"|mensaje original|mensagem original|wiadomość oryginalna|oryginalna wiadomość"
    r"|původní zpráva|исходное сообщение|пересылаемое сообщение"
    r"|原始邮件|原始郵件|الرسالة الأصلية|رسالة أصلية)\s?-{2,}"
    r"|_{20,})\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\s*\*?(?:from|von|de|od|от|发件人|寄件者|من)\s?\*?\s?[:：]\*?\s?\S",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"^\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado|data|wysłano|odesláno"
    r"|отправлено|дата|发送时间|日期|تاريخ الإرسال|التاريخ)\s?\*?\s?[:：]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?$")
_PHONE_SIGNATURE = re.compile(
    r"^(?:sent from my |von meinem .{1,40} gesendet|envoyé de mon |envoyé depuis "
    r"|wysłane z |odesláno z |отправлено с |发自我的|get outlook for "
    r"|أ\u064f?رسلت من |تم الإرسال من )",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Return what the writer of a plain-text mail wrote above, between or below what
    they quoted; blank when they wrote nothing of their own."""
    lines = tidy(text).split("\n")
    kept: list[str] = []
    for index, line in enumerate(lines):
        if _ENDS.match(line) or _SIGNATURE.match(line) or _is_header(lines, index):
            break
        if _QUOTED.match(line) or _PHONE_SIGNATURE.match(line):
            continue
        introduced = _introduction(lines, index)
        if introduced:
            if not _QUOTED.match(_next_line(lines, index + introduced)):
                # Quoted without marks: nobody can tell where it ends.
                break
            continue
        if index and _introduction(lines, index - 1) == 2:
            continue
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def tidy(text: str) -> str:
    """Return a text that can be stored and read: no control characters, cut short."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(char for char in text if char in "\n\t" or char >= " ")


def _introduction(lines: list[str], index: int) -> int:
    """Return over how many lines "On … wrote:" goes from here: one, two or none."""
    line = lines[index].strip()
    if _introduces(line):
        return 1
    below = lines[index + 1].strip() if index + 1 < len(lines) else ""
    folded = line and below and (_OPENS.match(line) or not _introduces(below))
    return 2 if folded and _introduces(f"{line} {below}") else 0


def _introduces(line: str) -> bool:
    return (
        len(line) <= 500
        and bool(_WROTE.search(line[-120:]))
        and bool(_WHEN_OR_WHO.search(line))
    )


def _next_line(lines: list[str], index: int) -> str:
    return next((line for line in lines[index:] if line.strip()), "")


def _is_header(lines: list[str], index: int) -> bool:
    """Whether the head of the answered mail begins here: "From: …", "Sent: …"."""
    return bool(_HEADER.match(lines[index])) and any(
        _SENT.match(line) for line in lines[index + 1 : index + 4]
    )


class _Reader(HTMLParser):
    """Collects the words of a mail in HTML, without what is quoted in it."""

    _SILENT = frozenset({"script", "style", "head", "title", "blockquote", "template"})
    _BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent.append(tag)
        elif tag in self._BREAKS and not self._silent:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in self._BREAKS and not self._silent:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def text_of_html(html: str) -> str:
    """Return the words of a mail that has no plain text."""
    reader = _Reader()
    reader.feed(html[: LONGEST * 5])
    reader.close()
    return re.sub(r"[ \t\xa0]+", " ", "".join(reader.words)).strip()
