"""The life of a text: who may turn it where, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from notices import readers, stops, wordings
from notices.models import Notice, ReviewQuestion, TemplateVersion
from notices.starter import starters
from notices.stops import Finding, UnfitText, WordingError
from notices.turning import Identity
from tests.factories import make_notice
from tests.notices.texts import BODY, NOW, REMINDER, approved, begun

pytestmark = pytest.mark.django_db

LOUD = Finding("exclamation", "soft", 3, "!", "It is loud.", "End with a full stop.")
THREAT = Finding("threat_words", "hard", 2, "court", "A threat.", "Leave it out.")
Found = Callable[..., None]


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Return what makes the lint find these; it finds nothing at first."""

    def finds(*findings: Finding) -> None:
        def every(version: TemplateVersion) -> tuple[Finding, ...]:
            return findings

        def still_open(version: TemplateVersion) -> tuple[Finding, ...]:
            return tuple(one for one in findings if one.code not in version.waivers)

        monkeypatch.setattr(stops, "findings_of", every)
        monkeypatch.setattr(wordings, "findings_of", every)
        monkeypatch.setattr(stops, "open_findings", still_open)

    finds()
    return finds


def _refused(
    expected: str, verb: Callable[..., object], **facts: object
) -> WordingError:
    with pytest.raises(WordingError) as refusal:
        verb(**{"now": NOW} | facts)
    assert refusal.value.code == expected
    return refusal.value


def _question(version: TemplateVersion) -> ReviewQuestion:
    token = readers.ask_to_read(
        version=version, reader="Rita", days=7, by="ann", now=NOW
    )
    link = readers.link_of(token, NOW)
    assert link is not None
    return ReviewQuestion.objects.create(
        link=link,
        paragraph=1,
        question="Why?",
        form_id="0d9c1c1e-0000-4000-8000-000000000001",
    )


def test_a_text_goes_from_draft_to_approved_and_tells_its_life() -> None:
    version = approved()

    assert version.state == "approved"
    assert version.approved_by == "bea"
    assert version.published_at == NOW
    assert [(event.verb, event.by) for event in version.life.all()] == [
        ("drafted", "ann"),
        ("submitted", "ann"),
        ("approved", "bea"),
    ]


def test_nobody_approves_own_words_not_even_what_was_only_edited() -> None:
    version = begun()
    version = wordings.edit(
        version=version, subject="S", body=BODY, note="", by="bea", now=NOW
    )
    wordings.submit(version=version, by="cleo", now=NOW)

    for author in ("ann", "bea"):
        _refused("own_work", wordings.approve, version=version, by=author)

    assert wordings.approve(version=version, by="cleo", now=NOW).state == "approved"


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (wordings.approve, "draft"),
        (wordings.submit, "in_review"),
        (wordings.approve, "approved"),
        (wordings.submit, "approved"),
    ],
)
def test_no_turn_is_taken_out_of_its_state(
    verb: Callable[..., object], state: str
) -> None:
    version = begun()
    if state != "draft":
        wordings.submit(version=version, by="ann", now=NOW)
    if state == "approved":
        wordings.approve(version=version, by="bea", now=NOW)

    _refused("wrong_state", verb, version=version, by="cleo")

    version.refresh_from_db()
    assert version.state == state


def test_nobody_approves_words_that_came_after_they_looked() -> None:
    looked_at = wordings.submit(version=begun(), by="ann", now=NOW)
    draft = wordings.send_back(version=looked_at, reason="Typo.", by="ann", now=NOW)
    other = wordings.edit(
        version=draft, subject=draft.subject, body="Pay another account.\n", note="",
        by="ann", now=NOW,
    )  # fmt: skip
    other = wordings.submit(version=other, by="ann", now=NOW)

    refusal = _refused("changed_meanwhile", wordings.approve, version=looked_at, by="b")

    assert refusal.sentence == "The text was changed meanwhile; read it again."
    other.refresh_from_db()
    assert other.state == "in_review"
    assert wordings.approve(version=other, by="bea", now=NOW).state == "approved"


@pytest.mark.parametrize(
    ("verb", "facts"),
    [
        (wordings.submit, {}),
        (wordings.edit, {"subject": "Mine", "body": "Mine.\n", "note": ""}),
    ],
)
def test_a_draft_that_changed_meanwhile_takes_no_turn(
    verb: Callable[..., object], facts: dict[str, str]
) -> None:
    looked_at = begun()
    wordings.edit(
        version=looked_at, subject="S", body="By Bob.\n", note="", by="bob", now=NOW
    )

    _refused("changed_meanwhile", verb, version=looked_at, by="ann", **facts)

    looked_at.refresh_from_db()
    assert (looked_at.body, looked_at.state) == ("By Bob.\n", "draft")


def test_approving_retires_the_version_before_and_no_other_text() -> None:
    first = approved()
    other = approved(identity=Identity("o", "reminder", "written", "en"))
    second = approved()

    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.state, first.retired_at) == ("retired", NOW)
    assert other.state == "approved"
    assert second.version == 2
    assert first.life.last().reason == "Replaced by version 2."


def test_messages_in_line_take_the_words_that_were_approved() -> None:
    first = approved()
    in_line, held, sent = (
        make_notice(template=first, state=state)
        for state in ("scheduled", "held", "sent")
    )
    other = make_notice()

    second = approved()

    assert {
        notice: Notice.objects.get(pk=notice.pk).template
        for notice in (in_line, held, sent, other)
    } == {in_line: second, held: second, sent: first, other: other.template}


def test_a_translation_is_out_of_date_once_its_source_is_replaced() -> None:
    from notices.editions import is_outdated

    source = approved()
    german = Identity("own-reminder", "reminder", "written", "de")
    translation = TemplateVersion.objects.create(
        key=german.key, channel=german.form, language="de", subject="S", body="B",
        translated_from=source,
    )  # fmt: skip
    assert not is_outdated(translation)

    approved()

    translation = TemplateVersion.objects.select_related("translated_from").get(
        pk=translation.pk
    )
    assert is_outdated(translation)


def test_open_findings_stop_both_review_and_approval(found: Found) -> None:
    version = begun()
    found(THREAT)
    stopped = _refused("open_findings", wordings.submit, version=version, by="ann")
    assert stopped.findings == (THREAT,)

    found()
    wordings.submit(version=version, by="ann", now=NOW)
    found(THREAT)
    _refused("open_findings", wordings.approve, version=version, by="bea")


def test_a_hint_stops_nothing(found: Found) -> None:
    version = begun()
    found(Finding("long", "hint", 1, "", "Long sentence.", "Split it."))

    assert wordings.submit(version=version, by="ann", now=NOW).state == "in_review"


def test_a_soft_finding_passes_with_a_reason_and_a_hard_one_never(found: Found) -> None:
    version = begun()
    found(LOUD, THREAT)
    _refused(
        "reason_missing", wordings.waive, version=version, code="exclamation",
        reason=" ", by="ann",
    )  # fmt: skip
    _refused(
        "not_waivable", wordings.waive, version=version, code="threat_words",
        reason="x", by="ann",
    )  # fmt: skip

    found(LOUD)
    wordings.waive(
        version=version, code="exclamation", reason="A name.", by="ann", now=NOW
    )

    assert wordings.submit(version=version, by="ann", now=NOW).waivers == {
        "exclamation": "A name."
    }


def test_a_reason_goes_with_the_finding_it_was_given_for(found: Found) -> None:
    version = begun()
    found(LOUD)
    wordings.waive(version=version, code="exclamation", reason="N", by="a", now=NOW)

    found()
    edited = wordings.edit(
        version=version, subject="S", body=BODY, note="", by="ann", now=NOW
    )

    assert edited.waivers == {}


def test_an_open_question_stops_until_answered() -> None:
    version = begun()
    question = _question(version)
    stopped = _refused("open_findings", wordings.submit, version=version, by="ann")
    assert [one.code for one in stopped.findings] == ["open_questions"]

    readers.resolve(question=question, answer="Now clearer.", by="ann", now=NOW)

    assert wordings.submit(version=version, by="ann", now=NOW).state == "in_review"


def test_an_open_question_can_be_passed_over_with_a_reason() -> None:
    version = begun()
    _question(version)

    wordings.waive(
        version=version, code="open_questions", reason="Not ours.", by="ann", now=NOW
    )

    assert wordings.submit(version=version, by="ann", now=NOW).state == "in_review"


def test_sending_back_needs_a_reason_and_keeps_it() -> None:
    version = begun()
    wordings.submit(version=version, by="ann", now=NOW)
    _refused("reason_missing", wordings.send_back, version=version, reason="", by="b")

    back = wordings.send_back(version=version, reason="Too long.", by="bea", now=NOW)

    assert back.state == "draft"
    assert back.life.last().reason == "Too long."


def test_restoring_begins_a_draft_with_the_old_words() -> None:
    first = approved()
    approved(body="Other words.\n")

    restored = wordings.restore(version=first, by="cleo", now=NOW)

    assert (restored.version, restored.state) == (3, "draft")
    assert restored.body == first.body
    assert restored.note == ""
    assert restored.life.get().reason == "With the words of version 1."


def test_one_draft_of_a_text_at_a_time() -> None:
    begun()

    refusal = _refused(
        "draft_exists", wordings.draft, identity=REMINDER, subject="S", body="B",
        note="", by="bea",
    )  # fmt: skip

    assert "ann" in refusal.sentence


def test_a_key_keeps_its_kind() -> None:
    approved()
    other = Identity("own-reminder", "formal", "sms", "en")

    refusal = _refused(
        "kind_differs", wordings.draft, identity=other, subject="", body="B", note="",
        by="ann",
    )  # fmt: skip

    assert "is of the kind “Reminder”" in refusal.sentence
    assert not TemplateVersion.objects.filter(kind="formal").exists()


@pytest.mark.parametrize(
    ("field", "words", "named"),
    [
        ("body", "Hello\n\n{{ totl }}\n", "Line 3"),
        ("body", "Pay {{ total | shout }}.\n", "Line 1"),
        ("body", "Hello\n\n<script>x</script>\n", "Line 3"),
        ("body", "{{ visit.place }}\n", "Line 1"),
        ("subject", "{{ totl }}", "totl"),
        ("subject", "  ", "subject"),
        ("body", "- a\n" * 3_001, "12,000"),
        ("body", "a\n\n" * 201, "401 lines; 400"),
        ("subject", "x" * 501, "500"),
    ],
)
def test_words_that_cannot_be_used_are_refused_with_field_and_line(
    field: str, words: str, named: str
) -> None:
    with pytest.raises(UnfitText) as refusal:
        begun(**{field: words})

    assert refusal.value.field == field
    assert named in refusal.value.sentence
    assert not TemplateVersion.objects.exists()


def test_every_text_that_comes_with_duly_is_far_below_the_longest() -> None:
    for text in starters():
        assert len(text.body) * 4 < stops.LONGEST_BODY
        assert len(text.body.splitlines()) * 4 < stops.MOST_LINES


def test_a_form_that_does_not_fit_the_kind_is_refused() -> None:
    with pytest.raises(UnfitText) as refusal:
        begun(identity=Identity("a", "appointment", "postcard", "en"))

    assert refusal.value.field == "channel"


def test_a_translation_is_read_against_its_source_before_it_is_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wordings, "languages", lambda: ("en", "de"))
    monkeypatch.setattr(stops, "compile_version", lambda version, channel: None)
    source = approved()
    german = wordings.translate(version=source, language="de", by="ann", now=NOW)
    assert (german.version, german.translated_from) == (1, source)
    assert german.body == source.body
    wordings.submit(version=german, by="ann", now=NOW)
    _refused("not_read_back", wordings.approve, version=german, by="bea")

    done = wordings.approve(version=german, by="bea", now=NOW, back_read=True)

    assert done.life.last().reason == "Read against version 1, en."


def test_a_new_translation_begins_with_the_words_it_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wordings, "languages", lambda: ("en", "de"))
    monkeypatch.setattr(stops, "compile_version", lambda version, channel: None)
    first = approved()
    german = wordings.translate(version=first, language="de", by="ann", now=NOW)
    german = wordings.edit(
        version=german, subject="S", body="Bitte zahlen.", note="", by="a", now=NOW
    )
    wordings.submit(version=german, by="ann", now=NOW)
    wordings.approve(version=german, by="bea", now=NOW, back_read=True)
    second = approved()

    again = wordings.translate(version=second, language="de", by="ann", now=NOW)

    assert again.body == "Bitte zahlen.\n"
    assert again.translated_from == second


def test_a_text_added_in_another_language_is_read_against_the_approved_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stops, "compile_version", lambda version, channel: None)
    source = approved()
    german = Identity("own-reminder", "reminder", "written", "de")

    first = begun(identity=german, body="Bitte zahlen.\n")

    assert first.translated_from == source
    wordings.submit(version=first, by="ann", now=NOW)
    _refused("not_read_back", wordings.approve, version=first, by="bea")
    wordings.approve(version=first, by="bea", now=NOW, back_read=True)
    approved()
    assert begun(identity=german, body="Jetzt zahlen.\n").translated_from == source


def test_an_original_is_read_against_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordings, "languages", lambda: ("en", "de"))
    monkeypatch.setattr(stops, "compile_version", lambda version, channel: None)
    german = Identity("own-reminder", "reminder", "written", "de")
    original = begun(identity=german, body="Bitte zahlen.\n")
    assert original.translated_from is None
    wordings.submit(version=original, by="ann", now=NOW)
    original = wordings.approve(version=original, by="bea", now=NOW)
    english = wordings.translate(version=original, language="en", by="a", now=NOW)
    wordings.submit(version=english, by="ann", now=NOW)
    wordings.approve(version=english, by="bea", now=NOW, back_read=True)

    again = begun(identity=german, body="Jetzt zahlen.\n")

    assert again.translated_from is None


def test_only_approved_words_are_translated() -> None:
    draft = begun()
    _refused("not_approved", wordings.translate, version=draft, language="de", by="bea")

    wordings.discard(version=draft)

    assert not TemplateVersion.objects.exists()


def test_a_draft_that_was_translated_is_kept_and_says_why() -> None:
    draft = begun()
    TemplateVersion.objects.create(
        key=draft.key, channel="written", language="de", subject="S", body="B",
        translated_from=draft,
    )  # fmt: skip

    with pytest.raises(WordingError) as refusal:
        wordings.discard(version=draft)

    assert refusal.value.code == "has_translations"
    assert "Version 1 in de" in refusal.value.sentence


def test_a_text_is_translated_only_where_we_have_blocks() -> None:
    source = approved()

    _refused(
        "same_language", wordings.translate, version=source, language="en", by="ann"
    )
    _refused(
        "language_unknown", wordings.translate, version=source, language="xx", by="ann"
    )

    assert TemplateVersion.objects.get() == source


def test_a_retired_text_is_found_by_nobody_who_sends() -> None:
    version = approved()

    wordings.retire(version=version, reason="Replaced.", by="bea", now=NOW)

    assert not TemplateVersion.objects.current().filter(key=version.key).exists()


def test_only_a_draft_is_discarded() -> None:
    version = begun()
    _question(version)
    wordings.discard(version=version)
    assert not TemplateVersion.objects.exists()

    with pytest.raises(WordingError):
        wordings.discard(version=approved())
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.get().delete()
