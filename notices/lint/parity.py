"""Whether the languages of one text say the same: the same fields in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from notices.fields import Kind, field_at
from notices.kinds import SOURCE_LANGUAGE
from notices.lint.findings import finding
from notices.lint.source import source_of
from notices.lint.text import Finding, Text

Blocks = Mapping[str, str]


def parity_findings(
    text: Text, siblings: Sequence[Text], blocks: Blocks
) -> Iterator[Finding]:
    """Yield each field in which a text and its languages differ.

    The source language is the measure: a translation is held to it, and it is held to
    none, so that its author can take something out; approving it marks the others out
    of date. Texts without one are held to each other. A block counts as the fields it
    prints. Questions (flags) and the word beside a count are grammar, which differs
    from language to language.
    """
    own = _facts(text, blocks)
    others = [
        each
        for each in siblings
        if (each.key, each.form) == (text.key, text.form)
        and each.language != text.language
    ]
    is_source = text.language == SOURCE_LANGUAGE
    others = [one for one in others if one.language == SOURCE_LANGUAGE] or others
    lacking: dict[str, list[str]] = {}
    for other in others:
        theirs = _facts(other, blocks)
        for name in sorted(theirs.keys() - own.keys()):
            if not is_source and not _is_covered(name, own, blocks):
                yield _told("field_missing", theirs[name], other.language)
        for name in sorted(own.keys() - theirs.keys()):
            if not _is_covered(name, theirs, blocks):
                lacking.setdefault(own[name], []).append(other.language)
    for written, tongues in lacking.items():
        yield _told("field_only_here", written, ", ".join(sorted(tongues)))


def sentence_parity(
    source: Mapping[str, str], other: Mapping[str, str], language: str
) -> tuple[Finding, ...]:
    """Return where the sentences of the blocks differ from those of the source.

    The same names, and in each sentence the same fields.
    """
    found = [
        finding("words_missing", words=name, language=language)
        for name in sorted(source.keys() - other.keys())
    ]
    found += [
        finding("words_unknown", words=name, language=language)
        for name in sorted(other.keys() - source.keys())
    ]
    for name in sorted(source.keys() & other.keys()):
        wanted, given = _printed(source[name]), _printed(other[name])
        if wanted != given:
            found.append(
                finding(
                    "words_differ",
                    words=name,
                    language=language,
                    fields=", ".join(sorted(wanted ^ given)),
                )
            )
    return tuple(found)


def _facts(text: Text, blocks: Blocks) -> dict[str, str]:
    """Return what a text tells, each name with how it is written."""
    printed = text.heading.printed | text.content.printed
    facts = {path: f"{{{{ {path} }}}}" for path in printed if _is_fact(path)}
    for block in text.content.blocks:
        facts[f"%{block}"] = f"{{% {block} %}}"
        facts.update(
            (path, f"{{% {block} %}}")
            for path in source_of(blocks.get(block, "")).printed
            if _is_fact(path)
        )
    return facts


def _is_covered(name: str, facts: Mapping[str, str], blocks: Blocks) -> bool:
    """Whether a block that is missing is there by all its fields."""
    printed = source_of(blocks.get(name[1:], "")).printed
    wanted = {path for path in printed if _is_fact(path)}
    return name.startswith("%") and bool(wanted) and wanted <= facts.keys()


def _is_fact(path: str) -> bool:
    known = field_at(path)
    if known is None or known.kind == Kind.FLAG:
        return False
    return not (known.kind == Kind.LINK and path.startswith("brand."))


def _printed(sentence: str) -> frozenset[str]:
    # A layout's own holes, such as {page}, are not Liquid but must be kept as well.
    source = source_of(sentence)
    holes = {hole for hole in ("{page}", "{pages}") if hole in sentence}
    return source.printed | holes


def _told(code: str, written: str, language: str) -> Finding:
    return finding(code, words=written, language=language)
