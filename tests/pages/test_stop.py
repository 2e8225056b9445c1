"""The link that stops a kind of message: by one button, and by one click (RFC 8058)."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode
from uuid import uuid4
from wsgiref.util import setup_testing_defaults

import pytest
from django.core import signing
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client

from config.wsgi import application
from consent.models import ConsentEvent, Flood, Preference, PreferenceChange
from notices.doors import _SALT, stop_url
from notices.models import Notice
from notices.states import State
from tests.factories import make_customer, make_invoice, make_notice, make_stream

pytestmark = pytest.mark.django_db
CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def sent(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    who = make_customer(name="Ada Lovelace", address=True)
    return make_notice(who, invoices=[make_invoice(who)], state=State.SENT)


def path_of(notice):
    return stop_url(notice).removeprefix("https://bills.example.com")


def click(path, body=CLICK, content_type=FORM, client=None):
    return (client or Client()).post(path, body, content_type=content_type)


def press(path, **fields):
    return Client().post(path, {"form": uuid4(), **fields})


def test_one_click_stops_the_category_on_that_channel_at_once(sent):
    queued = make_notice(sent.customer, stream=sent.stream)
    other = make_notice(sent.customer, channel="letter", stream=sent.stream)

    answer = click(path_of(sent))

    assert (answer.status_code, answer.content) == (200, b"")
    assert not answer.cookies
    row = Preference.objects.get()
    assert (row.category, row.channel, row.is_on) == ("reminders", "email", False)
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (State.SUPPRESSED, "PREF_CATEGORY_OFF")
    other.refresh_from_db()
    assert other.state == State.SCHEDULED


def test_one_click_again_adds_nothing(sent):
    for _ in range(3):
        assert click(path_of(sent)).status_code == 200
    assert PreferenceChange.objects.count() == Preference.objects.count() == 1


def test_one_click_may_come_as_multipart(sent):
    answer = Client().post(path_of(sent), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert PreferenceChange.objects.get().method == "one_click"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "List-Unsubscribe=",
        "List-Unsubscribe=one-click",
        "list-unsubscribe=One-Click",
        f"{CLICK}&more=1",
        f"{CLICK}&{CLICK}",
        f"{CLICK}&pad={'x' * 5000}",
        "undo=1",
        "stop=1",  # our button, but without the number of a form
        "\0",
    ],
)
def test_another_body_changes_nothing_and_is_told_so(sent, body):
    answer = click(path_of(sent), body)
    assert answer.status_code == 400
    assert not PreferenceChange.objects.exists()


def test_one_click_is_never_counted_as_a_form(sent):
    for _ in range(200):
        assert click(path_of(sent)).status_code == 200
    assert not Flood.objects.exists()


def test_for_what_law_requires_one_click_means_paper(sent):
    change = make_notice(sent.customer, kind="change_notice", state=State.SENT)
    queued = make_notice(
        sent.customer, kind="change_notice", legal="writing", stream=sent.stream
    )

    assert click(path_of(change)).status_code == 200

    withdrawn = ConsentEvent.objects.get(state="withdrawn")
    assert withdrawn.categories == ["contract_notices"]
    assert withdrawn.method == "one_click"
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (State.HELD, "PREF_CATEGORY_OFF")
    page = Client().get(path_of(change)).content.decode()
    assert "come on paper" in page
    assert "undo" not in page


def test_the_page_has_one_button_which_does_it_and_can_be_undone(sent):
    path = path_of(sent)
    page = Client().get(path).content.decode()
    assert page.count("<button") == 1
    assert "Ada" not in page

    receipt = press(path, stop="1").content.decode()
    assert "no longer come by e-mail" in receipt
    assert "What still comes" in receipt
    assert not Preference.objects.get().is_on

    assert "come by e-mail again" in press(path, undo="1").content.decode()
    assert Preference.objects.get().is_on


def test_the_link_does_not_undo_what_was_chosen_elsewhere(sent):
    press(path_of(sent), stop="1")
    PreferenceChange.objects.create(
        customer=sent.customer,
        method="web",
        changes={"reminders:email": [True, False]},
        at=Notice.objects.get(pk=sent.pk).created_at.replace(year=2199),
    )
    page = press(path_of(sent), undo="1").content.decode()
    assert "no longer come" in page
    assert not Preference.objects.get().is_on


def test_the_stop_link_opens_nothing_else(sent):
    token = path_of(sent).rpartition("/")[2]
    for door in "pcra":
        assert Client().get(f"/{door}/{token}").status_code == 404


def test_the_same_form_twice_is_one_change(sent):
    fields = {"form": uuid4(), "stop": "1"}
    for _ in range(2):
        assert Client().post(path_of(sent), fields).status_code == 200
    assert PreferenceChange.objects.count() == 1


def test_whatever_is_wrong_with_the_token_the_answer_is_the_same(sent):
    good = path_of(sent).rpartition("/")[2]
    old = make_notice(sent.customer, state=State.SENT)
    Notice.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00Z")
    other_salt = signing.Signer(salt="another", sep=".").sign(sent.reference)
    unknown = signing.Signer(salt=_SALT, sep=".").sign("NOSUCHNOTICE")
    wrong = [
        good[:-1],
        good[:-4] + "aaaa",
        good.partition(".")[0],
        "x" * 500,
        path_of(old).rpartition("/")[2],
        other_salt,
        unknown,
    ]
    for method in ("get", "click"):
        answers = {
            (one.status_code, one.content)
            for token in wrong
            for one in [
                Client().get(f"/u/{token}") if method == "get" else click(f"/u/{token}")
            ]
        }
        assert len(answers) == 1
        assert next(iter(answers))[0] == 404


def test_a_link_signed_by_a_key_before_still_works(sent, settings):
    path = path_of(sent)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 60
    assert click(path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert click(path).status_code == 404


def test_an_answer_to_a_question_has_nothing_to_stop(sent):
    asked = make_notice(sent.customer, kind="help_reply", state=State.SENT)
    page = press(path_of(asked), stop="1").content.decode()
    assert "nothing to stop" in page
    assert click(path_of(asked)).status_code == 200
    assert not PreferenceChange.objects.exists()


def test_looking_thrice_changes_nothing(sent):
    for _ in range(3):
        assert Client().get(path_of(sent)).status_code == 200
        assert Client().head(path_of(sent)).status_code == 200
    assert not PreferenceChange.objects.exists()


def test_a_stream_of_another_firm_keeps_its_own_face(sent):
    other = make_notice(sent.customer, stream=make_stream(), state=State.SENT)
    page = Client().get(path_of(other)).content.decode()
    assert other.stream.brand.name in page


@pytest.fixture
def same_connection():
    """Keep the test's transaction open through a request of no test client."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def test_a_mailbox_clicks_with_nothing_but_the_bare_request(sent, same_connection):
    """Straight to the server's own door: no header but what HTTP itself wants."""
    body = urlencode({"List-Unsubscribe": "One-Click"}).encode()
    environ: dict[str, object] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path_of(sent),
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "HTTP_HOST": "testserver",
        "HTTP_ORIGIN": "null",
    }
    setup_testing_defaults(environ)
    told: list[tuple[str, dict[str, str]]] = []
    answer = application(
        environ, lambda status, head: told.append((status, dict(head)))
    )
    [(status, head)] = told
    assert (status, b"".join(answer)) == ("200 OK", b"")
    assert not {"Set-Cookie", "Location"} & head.keys()
    assert Preference.objects.filter(is_on=False).exists()
