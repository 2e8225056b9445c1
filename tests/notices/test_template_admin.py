"""Texts behind Settings: what an author is told, sees and may do."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from notices import stops, wordings
from notices.models import ReviewLink, SandboxMessage, TemplateVersion, WordingEvent
from notices.preview import preview
from notices.preview_facts import facts_of_sample
from notices.stops import Finding
from notices.turning import Identity, words_hash
from tests.factories import (
    make_brand,
    make_customer,
    make_invoice,
    make_notice,
    make_stream,
    make_user,
)
from tests.notices.texts import BODY, NOW, approved, begun

pytestmark = pytest.mark.django_db

HOSTILE = '<img src=x onerror="alert(1)">'
LIST = "admin:notices_templateversion_changelist"
ADD = "admin:notices_templateversion_add"
PAGE = "admin:notices_templateversion_change"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lint find nothing: what it finds is told in its own tests."""
    for place in (stops, wordings):
        monkeypatch.setattr(place, "findings_of", lambda version: ())
    monkeypatch.setattr(stops, "open_findings", lambda version: ())


def _client(name: str, *rights: str) -> Client:
    user = make_user(name)
    user.is_staff = True
    user.save()
    for right in ("view", *rights):
        user.user_permissions.add(
            Permission.objects.get(codename=f"{right}_templateversion")
        )
    client = Client()
    client.force_login(user)
    return client


def _ann() -> Client:
    return _client("ann", "add", "change", "delete")


def _bea() -> Client:
    return _client("bea", "change", "approve")


def _page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _seen(client: Client, version: TemplateVersion) -> str:
    """Return what the forms of a text's page say was looked at."""
    page = _page(client, reverse(PAGE, args=[version.pk]))
    found = set(re.findall(r'name="seen" value="(\w{64})"', page))
    assert len(found) == 1
    return str(found.pop())


def _filled(**fields: str) -> dict[str, str]:
    return {
        "key": "own-text",
        "kind": "reminder",
        "channel": "written",
        "language": "en",
        "subject": "Your bill",
        "body": BODY,
        "note": "",
    } | fields


def test_an_author_writes_a_draft_and_comes_to_its_page() -> None:
    answer = _ann().post(reverse(ADD), _filled())

    version = TemplateVersion.objects.get()
    assert answer["Location"] == reverse(PAGE, args=[version.pk])
    assert (version.state, version.created_by) == ("draft", "ann")
    assert version.life.get().verb == "drafted"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"body": "Hello,\n\n{{ totl }} is due.\n"}, "Line 3"),
        ({"body": "{{ total | shout }}\n"}, "shout"),
        ({"body": "Hello <b>you</b>\n"}, "Line 1"),
        ({"subject": "{{ nothing }}"}, "nothing"),
        ({"channel": "postcard"}, "no such form"),
    ],
)
def test_what_cannot_be_used_is_refused_on_saving_with_line_and_reason(
    words: dict[str, str], told: str
) -> None:
    answer = _ann().post(reverse(ADD), _filled(**words))

    errors = re.findall(r'<ul class="errorlist.*?</ul>', answer.content.decode(), re.S)
    assert any(told in error for error in errors), errors
    assert not TemplateVersion.objects.exists()


def test_a_second_draft_is_refused_in_the_form() -> None:
    client = _ann()
    client.post(reverse(ADD), _filled())

    answer = client.post(reverse(ADD), _filled())

    assert "still being written by ann" in answer.content.decode()
    assert TemplateVersion.objects.count() == 1


def test_what_a_draft_is_cannot_be_changed_by_its_form() -> None:
    version = begun()

    _ann().post(
        reverse(PAGE, args=[version.pk]),
        _filled(key="other", kind="formal", language="de", subject="New")
        | {"seen": words_hash(version)},
    )

    version.refresh_from_db()
    assert (version.key, version.kind, version.language, version.subject) == (
        "own-reminder", "reminder", "en", "New",
    )  # fmt: skip


def test_an_approved_text_is_shown_and_never_written_or_deleted() -> None:
    version, client = approved(), _ann()
    address = reverse(PAGE, args=[version.pk])

    assert 'name="body"' not in _page(client, address)
    assert client.post(address, _filled(body="Other.\n")).status_code == 403
    delete = reverse("admin:notices_templateversion_delete", args=[version.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    version.refresh_from_db()
    assert version.body == BODY


def test_a_draft_is_thrown_away_by_its_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    version, client = begun(), _ann()
    delete = reverse("admin:notices_templateversion_delete", args=[version.pk])

    def too_late(*, version: TemplateVersion) -> None:
        raise stops.WordingError("wrong_state", "The text is in review now.")

    with monkeypatch.context() as patch:
        patch.setattr(wordings, "discard", too_late)
        answer = client.post(delete, {"post": "yes"}, follow=True)
    assert "The text is in review now." in answer.content.decode()
    assert TemplateVersion.objects.exists()

    client.post(delete, {"post": "yes"})

    assert not TemplateVersion.objects.exists()


def test_only_an_approved_text_offers_its_translation() -> None:
    client = _ann()
    draft = begun()
    assert "Translate into" not in _page(client, reverse(PAGE, args=[draft.pk]))
    wordings.submit(version=draft, by="ann", now=NOW)
    wordings.approve(version=draft, by="bea", now=NOW)

    assert "Translate into" in _page(client, reverse(PAGE, args=[draft.pk]))


def test_the_author_submits_and_only_another_with_the_right_approves() -> None:
    version, ann, bea = begun(), _ann(), _bea()
    approve = reverse("admin:text_turn", args=[version.pk, "approve"])
    submit = reverse("admin:text_turn", args=[version.pk, "submit"])
    ann.post(submit, {"seen": _seen(ann, version)})

    assert ann.post(approve).status_code == 403
    assert "Approve this text" not in _page(ann, reverse(PAGE, args=[version.pk]))
    assert "Approve this text" in _page(bea, reverse(PAGE, args=[version.pk]))
    bea.post(approve, {"seen": _seen(bea, version)})

    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("approved", "bea")


def test_even_a_superuser_does_not_approve_own_words() -> None:
    version = begun(by="root")
    wordings.submit(version=version, by="root", now=NOW)
    client = Client()
    client.force_login(make_user("root", is_superuser=True))

    client.post(
        reverse("admin:text_turn", args=[version.pk, "approve"]),
        {"seen": _seen(client, version)},
    )

    version.refresh_from_db()
    assert version.state == "in_review"
    page = _page(client, reverse(PAGE, args=[version.pk]))
    assert "somebody else approves it" in page


@pytest.mark.parametrize("verb", ["approve", "send-back"])
@pytest.mark.parametrize("seen", ["old", ""])
def test_a_page_loaded_before_the_words_changed_turns_nothing(
    verb: str, seen: str
) -> None:
    version, bea = begun(), _bea()
    wordings.submit(version=version, by="ann", now=NOW)
    old = _seen(bea, version)
    TemplateVersion.objects.filter(pk=version.pk).update(body="Pay at once.\n")

    answer = bea.post(
        reverse("admin:text_turn", args=[version.pk, verb]),
        {"seen": old if seen else "", "reason": "x"},
        follow=True,
    )

    assert "changed meanwhile; read it again." in answer.content.decode()
    version.refresh_from_db()
    assert version.state == "in_review"


def test_who_saves_over_the_words_of_another_is_refused_and_keeps_their_own() -> None:
    version, ann = begun(), _ann()
    address = reverse(PAGE, args=[version.pk])
    seen = _seen(ann, version)
    wordings.edit(
        version=version, subject="S", body="By Bob.\n", note="", by="bob", now=NOW
    )
    mine = _filled(body="By Ann, long and well.\n") | {"seen": seen}

    pages = [ann.post(address, mine).content.decode() for _ in range(2)]

    for page in pages:
        assert "changed meanwhile; read it again." in page
        assert "By Ann, long and well." in page
        assert seen in page
    version.refresh_from_db()
    assert version.body == "By Bob.\n"

    answer = ann.post(address, mine | {"seen": _seen(ann, version)})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "verb",
    ["submit", "approve", "send-back", "retire", "restore", "translate", "waive"],
)
def test_who_may_only_look_takes_no_turn(verb: str) -> None:
    version = begun()
    before = WordingEvent.objects.count()

    answer = _client("vic").post(
        reverse("admin:text_turn", args=[version.pk, verb]), {"reason": "x"}
    )

    assert answer.status_code == 403
    assert WordingEvent.objects.count() == before


@pytest.mark.parametrize("verb", ["approve", "retire"])
def test_who_may_write_takes_no_turn_of_who_approves(verb: str) -> None:
    version = approved() if verb == "retire" else begun(by="cleo")
    if verb == "approve":
        wordings.submit(version=version, by="cleo", now=NOW)
    version.refresh_from_db()
    before = version.state

    answer = _ann().post(
        reverse("admin:text_turn", args=[version.pk, verb]),
        {"reason": "x", "seen": words_hash(version)},
    )

    assert answer.status_code == 403
    version.refresh_from_db()
    assert version.state == before


def test_a_reason_with_a_nul_is_kept_without_it() -> None:
    version = approved()

    _bea().post(
        reverse("admin:text_turn", args=[version.pk, "retire"]), {"reason": "O\x00ld."}
    )

    version.refresh_from_db()
    assert version.state == "retired"
    assert version.life.last().reason == "Old."


@pytest.mark.parametrize("query", ["key", "q", "kind__exact"])
def test_a_nul_in_the_address_of_the_list_is_an_answer_too(query: str) -> None:
    answer = _ann().get(reverse(LIST), {query: "\x00"}, follow=True)

    assert answer.status_code == 200


def test_no_turn_is_taken_by_looking() -> None:
    version, client = begun(), _ann()

    for verb in ("submit", "approve", "restore"):
        address = reverse("admin:text_turn", args=[version.pk, verb])
        assert client.get(address).status_code == 405
    assert client.get(reverse("admin:text_preview_draft")).status_code == 405


def test_nothing_changes_when_a_text_is_only_looked_at() -> None:
    old = approved()
    new = approved(body="Pay {{ total }}.\n")
    client = _ann()
    before = list(TemplateVersion.objects.order_by("pk").values())

    for address in (
        reverse(LIST),
        reverse(PAGE, args=[new.pk]),
        reverse("admin:text_preview", args=[new.pk]),
        reverse("admin:text_compare", args=[new.pk, old.pk]),
        reverse("admin:text_languages", args=[new.pk]),
    ):
        _page(client, address)

    assert list(TemplateVersion.objects.order_by("pk").values()) == before
    assert not ReviewLink.objects.exists()


def test_the_list_shows_a_text_once_with_its_languages() -> None:
    approved()
    approved(body="Pay {{ total }}.\n")

    page = _page(_ann(), reverse(LIST))

    assert page.count('<th class="field-title">') == 1
    assert '>en<span class="visually-hidden">: approved</span>' in page
    assert '<td class="field-used">0</td>' in page


def test_messages_are_counted_by_version_and_in_the_list_by_text() -> None:
    first = approved()
    stream = make_stream(label="Spring")
    for _ in range(2):
        make_notice(template=first, stream=stream)
    second = wordings.restore(version=first, by="ann", now=NOW)

    bea = _bea()
    new, old = (_page(bea, reverse(PAGE, args=[one.pk])) for one in (second, first))

    assert "No message has the words of this version" in new
    assert "Spring" not in new
    assert "<td>2</td>" in new
    assert "Used by version 1" in old
    assert "Spring" in old
    rows = _page(bea, reverse(LIST))
    assert '<td class="field-used">2</td>' in rows


def _rows(client: Client, **query: str) -> list[tuple[str, str, str]]:
    """Return key, form and language of each row of the list."""
    found = client.get(reverse(LIST), query).context["cl"].result_list
    return [(one.key, one.channel, one.language) for one in found]


def _text(key: str, kind: str, **fields: Any) -> TemplateVersion:
    made: TemplateVersion = TemplateVersion.objects.create(
        **{
            "key": key, "kind": kind, "channel": "call", "body": "Hello.\n",
            "state": "approved", "published_at": NOW,
        }
        | fields
    )  # fmt: skip
    return made


def test_the_list_is_sorted_by_what_a_text_is_about_then_by_key() -> None:
    _text("a-visit", "appointment")
    _text("z-first", "friendly")
    _text("b-last", "final")
    _text("a-first", "friendly")

    assert [key for key, _, _ in _rows(_bea())] == [
        "a-first",
        "z-first",
        "b-last",
        "a-visit",
    ]


def test_the_list_is_narrowed_by_kind_language_and_state() -> None:
    english = _text("own", "reminder")
    _text("own", "reminder", language="pl", translated_from=english)
    _text("own", "reminder", language="pl", version=2, state="in_review",
          published_at=None, translated_from=english)  # fmt: skip
    _text("gone", "reminder", state="retired")
    _text("other", "formal", state="draft", published_at=None)
    bea = _bea()

    assert _rows(bea, kind__exact="formal") == [("other", "call", "en")]
    assert _rows(bea, language="pl") == [("own", "call", "pl")]
    assert _rows(bea, language="de") == []
    # Waiting in Polish only: the row of the text leads there by its badge.
    assert _rows(bea, state="in_review") == [("own", "call", "en")]
    assert _rows(bea, state="in_review", language="pl") == [("own", "call", "pl")]
    assert _rows(bea, state="approved", language="pl") == [("own", "call", "pl")]
    assert _rows(bea, state="retired") == [("gone", "call", "en")]
    assert _rows(bea, state="draft") == [("other", "call", "en")]


def test_a_ready_made_part_shows_the_texts_that_use_it() -> None:
    _text("own", "reminder", body="{% greeting %}\n\n{%- contact -%}\n")
    _text("own", "reminder", body="{% greeting %}\n", language="pl")
    _text("gone", "reminder", body="{% greeting %}\n", state="retired")

    lines = dict(_bea().get(reverse("admin:text_parts")).context["lines"])

    assert lines["greeting"] == [("Own", "Call script", "own")]
    assert lines["contact"] == [("Own", "Call script", "own")]
    assert lines["signature"] == []


def test_a_longer_list_of_texts_asks_no_more_of_the_database() -> None:
    client = _ann()
    counts = []
    for _ in range(2):
        for number in range(3):
            key = f"text-{len(counts)}-{number}"
            begun(identity=Identity(key, "reminder", "written", "en"))
        with CaptureQueriesContext(connection) as asked:
            _page(client, reverse(LIST))
        counts.append(len(asked))

    assert counts[1] <= counts[0]


def test_the_list_shows_a_translation_out_of_date() -> None:
    source = approved()
    TemplateVersion.objects.create(
        key=source.key, channel="written", language="de", subject="S", body="B",
        state="approved", published_at=NOW, translated_from=source,
    )  # fmt: skip
    assert '>de<span class="visually-hidden">: approved' in _page(_ann(), reverse(LIST))

    approved(body="Pay {{ total }}.\n")

    client = Client()
    client.force_login(User.objects.get(username="ann"))
    assert "de: out of date" in _page(client, reverse(LIST))


def test_findings_stand_on_the_page_with_line_and_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = (Finding("threat", "hard", 3, HOSTILE, "A threat.", "Leave it out."),)
    monkeypatch.setattr("notices.admin.page.findings_of", lambda version: found)

    page = _page(_ann(), reverse(PAGE, args=[begun().pk]))

    assert "Mend, line 3" in page
    assert "Leave it out." in page
    assert HOSTILE not in page


def test_a_finding_that_was_passed_over_shows_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loud = Finding("exclamation", "soft", 3, "Yes!", "It is loud.", "")
    for place in (stops, wordings):
        monkeypatch.setattr(place, "findings_of", lambda version: (loud,))
    monkeypatch.setattr("notices.admin.page.findings_of", lambda version: (loud,))
    monkeypatch.setattr(stops, "open_findings", lambda version: (loud,))
    version, ann = begun(), _ann()
    address = reverse("admin:text_turn", args=[version.pk, "waive"])

    ann.post(address, {"code": "exclamation", "reason": f"A birthday. {HOSTILE}"})

    page = _page(ann, reverse(PAGE, args=[version.pk]))
    assert "Passed over, line 3:" in page
    assert "Because: A birthday." in page
    assert HOSTILE not in page


def _by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lint find fault with “court” alone, in whatever it is given."""

    def found(version: TemplateVersion) -> tuple[Finding, ...]:
        if "court" not in version.body:
            return ()
        return (Finding("threat", "hard", 3, "court", "A threat.", "Leave it out."),)

    monkeypatch.setattr("notices.admin.page.findings_of", found)


def test_a_refused_save_tells_of_the_words_that_were_typed_and_offers_no_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _by_words(monkeypatch)
    version, ann = begun(), _ann()
    address = reverse(PAGE, args=[version.pk])
    typed = _filled(body="{{ totl }} or the court\n") | {"seen": _seen(ann, version)}

    page = ann.post(address, typed).content.decode()

    assert "What you wrote is not saved" in page
    assert "A threat." in page
    assert "The text has no findings" not in page
    assert "Send for review" not in page
    assert "Send for review" in _page(ann, address)


def test_a_refused_new_text_tells_of_its_words_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _by_words(monkeypatch)
    ann = _ann()

    page = ann.post(reverse(ADD), _filled(body="{{ totl }} or the court\n"))
    nameless = ann.post(reverse(ADD), _filled(key="", kind="", body="court\x00"))

    assert "A threat." in page.content.decode()
    assert nameless.status_code == 200
    assert not TemplateVersion.objects.exists()


def test_the_fields_of_the_kind_stand_beside_the_words() -> None:
    page = _page(_ann(), reverse(PAGE, args=[begun().pk]))

    assert "{{ total }}" in page
    assert "Sum still to pay" in page
    assert "{{ visit.place }}" not in page
    assert "{% payment_details %}" in page


# Previews ---------------------------------------------------------------------


def _preview(client: Client, version: TemplateVersion, **query: str) -> str:
    address = reverse("admin:text_preview", args=[version.pk])
    return _page(
        client, address, **{f"_{name}": value for name, value in query.items()}
    )


def test_a_mail_is_previewed_under_a_policy_of_its_own() -> None:
    answer = _ann().get(reverse("admin:text_preview", args=[begun().pk]))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_dark_and_light_are_decided_by_the_server() -> None:
    client, version = _ann(), begun()

    light = _preview(client, version, view="mail")
    dark = _preview(client, version, view="mail-dark")

    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light
    assert "@media all" in dark


def test_a_draft_that_is_not_saved_is_previewed_and_not_kept() -> None:
    version = begun()

    answer = _ann().post(
        reverse("admin:text_preview_draft"),
        {
            "_text": version.pk,
            "_view": "mail-text",
            "subject": "New",
            "body": "Brand-new.\n",
        },
    )

    assert "Brand-new." in answer.content.decode()
    version.refresh_from_db()
    assert version.body == BODY


def test_a_fault_in_a_draft_is_told_in_its_preview() -> None:
    answer = _ann().post(
        reverse("admin:text_preview_draft"), _filled(body="\n\n{{ totl }}\n")
    )

    assert "Line 3" in answer.content.decode()


def test_a_text_too_long_for_the_press_is_neither_saved_nor_previewed() -> None:
    client, kept = _ann(), begun()
    TemplateVersion.objects.filter(pk=kept.pk).update(body="- a\n" * 9_000)
    long = _filled(body="- a\n" * 9_000)

    answers = (
        client.post(reverse(ADD), long),
        client.post(reverse("admin:text_preview_draft"), long | {"_view": "letter"}),
        client.get(reverse("admin:text_preview", args=[kept.pk]), {"_view": "letter"}),
    )

    for answer in answers:
        assert "12,000 are the most" in answer.content.decode()
    assert TemplateVersion.objects.count() == 1


@pytest.mark.parametrize("number", ["", "x", "9" * 40, "-1", "²"])
def test_a_preview_of_nothing_is_an_answer_too(number: str) -> None:
    answer = _ann().post(reverse("admin:text_preview_draft"), {"_text": number})

    assert answer.status_code == 200


def test_a_text_message_shows_its_parts_and_what_it_costs(
    settings: pytest.FixtureRequest,
) -> None:
    from decimal import Decimal

    settings.SMS_PART_PRICE = (Decimal("0.05"), "EUR")  # type: ignore[attr-defined]
    sms = Identity("own-sms", "reminder", "sms", "en")
    version = begun(
        identity=sms, subject="", body="Łódź “calls” {{ brand.name }}: " + "word " * 20
    )

    page = _preview(_ann(), version)

    assert "Unicode" in page
    assert "<kbd>Ł</kbd>" in page
    assert "left double quotation mark" in page
    assert "<dt>Parts</dt><dd>2</dd>" in page
    assert "0.10 EUR" in page


def test_a_text_without_its_duty_is_shown_with_what_is_missing() -> None:
    sms = Identity("own-sms", "reminder", "sms", "en")
    version = begun(identity=sms, subject="", body="Please pay {{ total }}.")
    facts = replace(
        facts_of_sample(version, "sms"),
        obligations=frozenset({"SMS_BRAND_AND_STOP_TEXT"}),
    )

    shown = preview(version, "sms", facts)

    assert shown.text.startswith("Please pay")
    assert "how to stop" in shown.warning


def test_a_letter_is_previewed_as_pictures_with_the_window() -> None:
    page = _preview(_ann(), begun(), view="letter")

    assert page.count('<img src="data:image/png;base64,') >= 1
    assert "<rect" in page


def test_a_real_customer_is_looked_at_only_with_the_right() -> None:
    make_brand()
    person = make_customer(name=f"Zoë {HOSTILE}")
    make_invoice(person)
    client, version = _ann(), begun()
    refused = _preview(client, version, view="mail-text", customer=person.number)
    assert "may not look at customers" in refused

    User.objects.get(username="ann").user_permissions.add(
        Permission.objects.get(codename="view_customer")
    )
    body = "Dear {{ customer.name }}, pay {{ total }}.\n"
    TemplateVersion.objects.filter(pk=version.pk).update(body=body)
    page = _preview(client, version, view="mail-text", customer=person.number)

    assert escape(f"Zoë {HOSTILE}") in page
    assert HOSTILE not in page
    unknown = _preview(client, version, customer="C-nobody")
    assert "There is no customer C-nobody" in unknown


def test_a_customer_who_owes_nothing_gets_a_sentence_not_a_message() -> None:
    person = make_customer()
    client = Client()
    client.force_login(make_user(is_superuser=True))

    page = _preview(client, begun(), customer=person.number)

    assert "owes nothing" in page


# Versions and languages ---------------------------------------------------------


def test_two_versions_are_compared_by_word() -> None:
    old = approved(body="Please pay by Monday.\n")
    new = approved(body=f"Please pay by Friday {{{{ total }}}}.\n\n{escape(HOSTILE)}\n")

    page = _page(_ann(), reverse("admin:text_compare", args=[new.pk, old.pk]))

    assert '<del><span class="mark">−</span>Monday</del>' in page
    assert '<ins><span class="mark">+</span>Friday {{ total }}</ins>' in page
    assert HOSTILE not in page


def test_versions_of_different_texts_are_not_compared() -> None:
    other = begun(
        identity=Identity("other", "reminder", "sms", "en"),
        subject="",
        body="Pay.",
    )

    answer = _ann().get(reverse("admin:text_compare", args=[begun().pk, other.pk]))

    assert answer.status_code == 404


# Tests to oneself ----------------------------------------------------------------


def test_a_test_goes_to_the_person_who_asked_and_is_no_notice() -> None:
    version, client = begun(), _ann()
    User.objects.filter(username="ann").update(email="ann@firm.example")

    client.post(reverse("admin:text_try", args=[version.pk]), {"to": "x@y.example"})

    assert SandboxMessage.objects.get().destination == "ann@firm.example"


def _tried(client: Client, version: TemplateVersion, **fields: str) -> str:
    address = reverse("admin:text_try", args=[version.pk])
    return client.post(address, fields, follow=True).content.decode()


def test_a_test_in_the_sandbox_can_be_looked_at_as_it_was_received() -> None:
    version, ann = begun(), _ann()
    User.objects.filter(username="ann").update(email="ann@firm.example")

    page = _tried(ann, version)

    link = re.search(r'<a href="([^"]+/tried/\w+/)">See what it received', page)
    assert link is not None
    shown = _page(ann, link[1])
    assert "ann@firm.example" in shown
    html = ann.get(link[1], {"part": "html"})
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert "please pay" in html.content.decode()

    wordings.edit(
        version=version, subject="Other", body=BODY, note="", by="ann", now=NOW
    )
    assert "no such test message any more" in _page(ann, link[1])


def test_who_has_no_address_is_told_where_to_add_one() -> None:
    version = begun()
    root = Client()
    root.force_login(make_user("root", is_superuser=True))

    assert "Ask an administrator to add one" in _tried(_ann(), version)
    own = reverse("admin:auth_user_change", args=[User.objects.get(username="root").pk])
    assert f'<a href="{own}">Add one</a>' in _tried(root, version)


def test_a_text_message_is_tried_on_the_number_that_is_given() -> None:
    make_brand(country="GB")
    version = begun(
        identity=Identity("own", "reminder", "sms", "en"), subject="",
        body="{{ brand.name }}: hello.{% if must_offer_stop %} STOP{% endif %}\n",
    )  # fmt: skip
    ann = _ann()

    assert "Mobile number" in _page(ann, reverse(PAGE, args=[version.pk]))
    assert "Give a mobile number." in _tried(ann, version)
    assert "See what it received" in _tried(ann, version, to="07700 900123")
    assert SandboxMessage.objects.get().destination == "+447700900123"


def test_what_cannot_be_tried_says_so() -> None:
    version = begun(
        identity=Identity("own", "reminder", "call", "en"), subject="", body="Hello.\n"
    )

    page = _page(_ann(), reverse(PAGE, args=[version.pk]))

    assert "A call script cannot be sent as a test" in page
    assert reverse("admin:text_try", args=[version.pk]) not in page


def test_fields_and_blocks_print_the_firm_of_the_preview() -> None:
    make_brand(name="Alster & Co", phone="+49 40 1234567")
    version = begun()

    page = _page(_ann(), reverse(PAGE, args=[version.pk]))

    assert "Alster &amp; Co" in page
    assert "+49 40 1234567" in page
    assert "Northwind" not in page


def test_send_test_sends_through_the_provider(
    capsys: pytest.CaptureFixture[str],
) -> None:
    approved()

    call_command(
        "send_test", "--channel", "email", "--template", "own-reminder", "--to",
        "Ann@example.com", "--json",
    )  # fmt: skip

    kept = SandboxMessage.objects.get()
    assert kept.destination == "ann@example.com"
    assert f'"reference": "{kept.reference}"' in capsys.readouterr().out


def test_a_test_letter_lies_ready_to_print(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    approved()
    settings.DULY_HOME = tmp_path

    call_command(
        "send_test", "--channel", "letter", "--template", "own-reminder", "--to",
        "Ann Author; 1 High Street; Leeds LS1 4AP", "--json",
    )  # fmt: skip

    answer = json.loads(capsys.readouterr().out)
    assert answer["destination"] == "1 High Street, LS1 4AP, Leeds, GB"
    body = Path(answer["file"]).read_bytes()
    assert hashlib.sha256(body).hexdigest() == answer["sha256"]


@pytest.mark.parametrize(
    ("channel", "template", "to", "told"),
    [
        ("email", "own-reminder", "nonsense", "nonsense"),
        ("email", "nothing", "a@b.example", "own-reminder"),
        ("sms", "own-reminder", "+447700900123", "no approved text"),
        ("email", "own-reminder", "refused@sandbox.example", "Check the address"),
    ],
)
def test_send_test_says_what_to_do_when_it_cannot(
    channel: str, template: str, to: str, told: str
) -> None:
    approved()

    with pytest.raises(CommandError) as refusal:
        call_command(
            "send_test", "--channel", channel, "--template", template, "--to", to
        )

    assert told in str(refusal.value)
    assert not SandboxMessage.objects.exists()


# The letterhead --------------------------------------------------------------------


def _brand_form(client: Client, address: str) -> dict[str, str]:
    form = client.get(address).context["adminform"].form
    return {
        name: str(form[name].value() or "")
        for name in form.fields
        if name not in {"new_logo", "remove_logo"} and form[name].value() is not False
    }


def test_a_logo_is_redrawn_before_it_is_kept_and_can_go_again() -> None:
    from io import BytesIO

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    brand, client = make_brand(), Client()
    client.force_login(make_user(is_superuser=True))
    address = reverse("admin:notices_brand_change", args=[brand.pk])
    picture = BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "JPEG")
    fields = _brand_form(client, address)

    client.post(
        address,
        fields | {"new_logo": SimpleUploadedFile("logo.jpg", picture.getvalue())},
    )
    brand.refresh_from_db()
    assert bytes(brand.logo).startswith(b"\x89PNG")

    evil = SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'/>")
    refused = client.post(address, fields | {"new_logo": evil})
    assert b"errornote" in refused.content
    kept = bytes(brand.logo)
    brand.refresh_from_db()
    assert bytes(brand.logo) == kept

    client.post(address, fields | {"remove_logo": "on"})
    brand.refresh_from_db()
    assert bytes(brand.logo) == b""
