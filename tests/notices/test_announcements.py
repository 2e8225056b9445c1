"""Announcements: written by one, put up by another, read by everybody."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from notices import announcements
from notices.announcement_checks import changes, check, standing
from notices.announcement_text import AnnouncementError, lines_of, page_of, shortened
from notices.announcement_words import public_words, suggested_questions
from notices.kinds import KINDS, NEWS, Form
from notices.models import (
    Announcement,
    AnnouncementRelease,
    AnnouncementText,
    TemplateVersion,
)
from notices.models.announcements import announced_kinds
from notices.render import TemplateError, compile_version
from notices.starter import starters
from tests.factories import make_brand, make_customer, make_template, make_user

NOW = dt.datetime(2026, 6, 5, 8, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ABOUT = {
    "change.old": {"account": "GB33 BUKB 2020 1555 5555 55"},
    "change.new": {"account": "GB94 BARC 1020 1530 0934 59"},
    "change.effective_on": "2026-09-01",
}
WORDS = {
    "change.reason": "Our bank is closing the old branch.",
    "change.who": "all customers who pay by invoice",
    "change.to_do": "Please tell whoever pays your bills.",
}
QUESTIONS = [
    {"question": "Is it really you?", "answer": "Call {{ brand.phone }} and ask."},
    {"question": "From when?", "answer": "From {{ change.effective_on }} on."},
    {"question": "Why?", "answer": "{{ change.reason }}"},
]


def make_announcement(**fields: Any) -> Announcement:
    """Return the draft of new bank details without words."""
    brand = fields.pop("brand", None) or make_brand()
    facts = {
        "brand": brand,
        "slug": "new-account",
        "kind": "bank_details",
        "about": ABOUT,
    } | fields
    return announcements.save(announcement=Announcement(), by="ada", now=NOW, **facts)


def make_news(slug: str = "outage", **fields: Any) -> Announcement:
    """Return a draft in the firm's own English words."""
    heading = fields.pop("heading", "Our phones are down today")
    body = fields.pop("body", "Please write to {{ brand.email }}. We answer at once.")
    one = make_announcement(slug=slug, kind=NEWS.key, about={}, **fields)
    say(one, heading=heading, body=body)
    return one


def say(one: Announcement, language: str = "en", **words: Any) -> AnnouncementText:
    """Write the words of one language."""
    words = {"by": "ada", "now": NOW} | words
    return announcements.save_text(announcement=one, language=language, **words)


def starter_text(key: str, language: str = "en") -> TemplateVersion:
    """Return a shipped public text, approved."""
    [starter] = [
        one
        for one in starters()
        if (one.key, one.form, one.language) == (key, Form.PUBLIC, language)
    ]
    return make_template(
        key=key,
        kind=starter.kind,
        channel=Form.PUBLIC,
        language=language,
        subject=starter.subject,
        body=starter.body,
    )


def put_up(
    one: Announcement, now: dt.datetime | None = None, note: str = ""
) -> AnnouncementRelease:
    """Publish the draft as it stands."""
    one.refresh_from_db()
    return announcements.publish(
        announcement=one,
        revision=one.revision,
        by="petra",
        now=now or timezone.now(),
        note=note,
    )


def problems(error: pytest.ExceptionInfo[AnnouncementError]) -> str:
    return " ".join(one.sentence for one in error.value.problems)


# Words ------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", sorted({one.key for one in starters() if one.form == Form.PUBLIC})
)
def test_every_shipped_public_text_is_a_whole_page(key: str) -> None:
    from notices.about import write_about
    from notices.samples import sample_facts

    text = starter_text(key)
    facts = sample_facts(text.kind, Form.PUBLIC)
    about = write_about(facts.about)
    one = make_announcement(kind=text.kind, about=about)
    words = say(one, template=text, questions=suggested_questions(text.kind))

    page = page_of(words, NOW)

    assert page["heading"]
    assert page["summary"]
    assert len(page["questions"]) >= 3
    assert "{{" not in page["html"] + page["text"]
    assert "style=" not in page["html"]
    assert "Bank is closing" not in page["heading"]


@pytest.mark.parametrize("kind", [key for key, _ in announced_kinds()])
def test_three_questions_are_suggested_for_every_kind(kind: str) -> None:
    suggested = suggested_questions(kind)

    assert len(suggested) >= 3
    for one in suggested:
        compile_version(
            TemplateVersion(
                key="q",
                kind=kind,
                channel=Form.PUBLIC,
                language="en",
                subject=one["question"],
                body=one["answer"] or "x",
            ),
            Form.PUBLIC,
        )


@pytest.mark.parametrize(
    "field",
    [
        "{{ customer.name }}",
        "{{ customer.number }}",
        "{{ reference }}",
        "{% if customer.is_firm %}x{% endif %}",
        "{% greeting %}",
        "{% contact %}",
    ],
)
def test_customer_data_is_refused_in_a_public_text(field: str) -> None:
    version = TemplateVersion(
        key="t", kind="terms", channel=Form.PUBLIC, subject="New terms", body=field
    )

    with pytest.raises(TemplateError) as error:
        compile_version(version, Form.PUBLIC)

    assert error.value.code == "customer_data"


def test_a_debt_is_refused_in_a_public_text() -> None:
    version = TemplateVersion(
        key="t",
        kind="reminder",
        channel=Form.PUBLIC,
        subject="You owe",
        body="{{ total }}",
    )

    with pytest.raises(TemplateError) as error:
        compile_version(version, Form.PUBLIC)

    assert error.value.code == "customer_data"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        "Write to anna.nowak@example.org.",
        "Ring Anna: +44 7700 900123.",
        "Ring 07700 900 123",
        "Pay into GB94 BARC 1020 1530 0934 59.",
        "Account 12345678 is affected.",
        "Account １２３４５６７８ is affected.",
        "Anna\u200b.nowak@example.org",
    ],
)
def test_personal_data_is_refused_when_it_is_saved(words: str) -> None:
    one = make_announcement(kind=NEWS.key, about={})

    with pytest.raises(AnnouncementError) as error:
        say(one, heading="News", body=words)

    assert "not the firm's own" in problems(error)
    assert not AnnouncementText.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["heading", "question", "answer", "fact"])
def test_personal_data_is_refused_wherever_it_stands(place: str) -> None:
    secret = "anna@example.org"
    one = make_announcement()
    words: dict[str, Any] = {"heading": "News", "body": "Text.", "about": WORDS}
    if place == "heading":
        words["heading"] = secret
    elif place == "fact":
        words["about"] = WORDS | {"change.who": secret}
    else:
        other = {"question": "Who?", "answer": "You."}
        words["questions"] = [other | {place: secret}]

    with pytest.raises(AnnouncementError) as error:
        say(one, **words)

    assert secret in problems(error)


@pytest.mark.django_db
def test_personal_data_in_a_text_of_the_library_is_refused() -> None:
    template = make_template(
        kind="terms", channel=Form.PUBLIC, body="Ring Anna: +44 7700 900123."
    )

    with pytest.raises(AnnouncementError) as error:
        say(make_announcement(kind="terms"), template=template, about=WORDS)

    assert "+44 7700 900123" in problems(error)


@pytest.mark.django_db
def test_a_number_the_firm_gave_up_is_found_before_publishing() -> None:
    one = make_news(body="Ring +44 113 496 0000.")
    one.brand.phone = "+44 113 496 0999"
    one.brand.save(update_fields=["phone"])

    with pytest.raises(AnnouncementError) as error:
        put_up(one)

    assert "+44 113 496 0000" in problems(error)


@pytest.mark.django_db
def test_a_customer_number_is_refused() -> None:
    make_customer(number="C-77001")
    one = make_announcement(kind=NEWS.key, about={})

    with pytest.raises(AnnouncementError) as error:
        say(one, heading="News", body="As C-77001 told us, it is late.")

    assert "“C-77001” is the number of a customer" in problems(error)


@pytest.mark.django_db
def test_the_firms_own_numbers_and_dates_are_no_personal_data() -> None:
    one = make_announcement(kind=NEWS.key, about={})

    say(
        one,
        heading="From 2026-07-01 to 31.08.2026",
        body="Ring 0113 496 0000 or +44 (0)113 496 0000, or write to "
        "care@northwind.example between 09:00–17:00. It costs 1 234 567,00 zł. "
        "Our account is GB33 BUKB 2020 1555 5555 55.",
    )

    assert page_of(one.texts.get(), NOW)["heading"] == "From 2026-07-01 to 31.08.2026"


@pytest.mark.django_db
def test_a_faulty_text_is_refused_with_its_line() -> None:
    one = make_announcement(kind=NEWS.key, about={})

    with pytest.raises(AnnouncementError) as error:
        say(one, heading="News", body="Fine.\n\n{{ nobody.knows }}")

    assert "Line 3" in problems(error)


@pytest.mark.django_db
def test_a_missing_fact_is_named_before_publishing() -> None:
    one = make_announcement(about={})
    say(one, template=starter_text("change-bank-details"), about=WORDS)

    with pytest.raises(AnnouncementError) as error:
        put_up(one)

    assert "“How it was” is missing" in problems(error)


@pytest.mark.django_db
def test_a_text_that_was_retired_is_not_put_up() -> None:
    template = starter_text("change-bank-details")
    one = make_announcement()
    say(one, template=template, about=WORDS)
    template.state = TemplateVersion.State.RETIRED
    template.save(update_fields=["state"])

    with pytest.raises(AnnouncementError) as error:
        put_up(one)

    assert "is no longer approved" in problems(error)


@pytest.mark.django_db
def test_account_numbers_of_a_change_are_masked() -> None:
    one = make_announcement()
    say(one, template=starter_text("change-bank-details"), about=WORDS)

    release = put_up(one)

    assert "•••• 3459" in release.texts["en"]["html"]
    assert "BARC" not in json.dumps(release.content)


@pytest.mark.django_db
def test_own_words_in_a_language_without_ready_made_parts() -> None:
    one = make_news()
    say(one, "ar", heading="هواتفنا معطلة اليوم", body="نرد على {{ brand.email }}.")

    page = page_of(one.texts.get(language="ar"), NOW)

    assert page["direction"] == "rtl"
    assert "care@northwind.example" in page["text"]


@pytest.mark.django_db
def test_what_is_urgent_says_what_to_do() -> None:
    one = make_announcement(importance="urgent")
    words = {name: value for name, value in WORDS.items() if name != "change.to_do"}
    say(one, template=starter_text("change-bank-details"), about=words)

    with pytest.raises(AnnouncementError) as error:
        put_up(one)

    assert "What is urgent says what to do" in problems(error)


def test_the_words_around_are_the_same_in_every_language() -> None:
    names = public_words("en").keys()

    for language in ("ar", "cs", "de", "fr", "pl", "ru", "zh"):
        assert public_words(language).keys() == names


# Putting up -------------------------------------------------------------------


@pytest.mark.django_db
def test_the_site_shows_what_was_published_not_the_draft() -> None:
    one = make_news()
    put_up(one)
    say(one, heading="Everything is different", body="Really.")

    page = Client().get("/n/outage").content.decode()

    assert "Our phones are down today" in page
    assert "different" not in page


@pytest.mark.django_db
def test_a_correction_says_what_was_changed_and_keeps_what_was_said() -> None:
    one = make_news()
    first = put_up(one)
    say(one, heading="Our phones work again", body="Please call.")
    with pytest.raises(AnnouncementError) as error:
        put_up(one)
    assert "Say what was changed" in problems(error)

    second = put_up(one, note="The fault is mended.")

    assert [second.number, second.action, second.by] == [2, "corrected", "petra"]
    assert second.publish_at == first.publish_at
    assert changes(first, second) == ["English: heading, text"]
    first.refresh_from_db()
    assert first.texts["en"]["heading"] == "Our phones are down today"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_what_was_put_up(verb: str) -> None:
    put_up(make_news())
    statement = {
        "update": "UPDATE notices_announcementrelease SET by = 'x'",
        "delete": "DELETE FROM notices_announcementrelease",
    }[verb]

    with (
        pytest.raises(IntegrityError, match="is history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_only_the_draft_that_was_looked_at_is_published() -> None:
    one = make_news()
    one.refresh_from_db()
    seen = one.revision
    say(one, heading="Changed meanwhile", body="Really.")

    with pytest.raises(AnnouncementError) as error:
        announcements.publish(announcement=one, revision=seen, by="petra", now=NOW)

    assert "Somebody changed it meanwhile" in problems(error)
    assert not AnnouncementRelease.objects.exists()


@pytest.mark.django_db
def test_address_and_kind_stay_once_it_is_up() -> None:
    one = make_news()
    put_up(one)

    with pytest.raises(AnnouncementError) as error:
        announcements.save(announcement=one, by="ada", now=NOW, slug="elsewhere")

    assert "stay as they were put up" in problems(error)


@pytest.mark.django_db
def test_an_end_that_has_passed_is_refused() -> None:
    one = make_news(withdraw_at=NOW)

    with pytest.raises(AnnouncementError) as error:
        put_up(one, NOW)

    assert "Its end has passed" in problems(error)


@pytest.mark.django_db
def test_it_is_up_between_its_beginning_and_its_end() -> None:
    one = make_news(publish_at=NOW + HOUR, withdraw_at=NOW + 2 * HOUR)
    release = put_up(one, NOW)

    def up(now: dt.datetime) -> bool:
        return AnnouncementRelease.objects.on_the_site(now).exists()

    second = dt.timedelta(seconds=1)
    assert [up(NOW + HOUR - second), up(NOW + HOUR)] == [False, True]
    assert [up(NOW + 2 * HOUR - second), up(NOW + 2 * HOUR)] == [True, False]
    assert standing(release, NOW).word == "Planned"
    assert standing(release, NOW + HOUR).word == "On the site"
    assert standing(release, NOW + 2 * HOUR).word == "Ended"
    assert standing(None, NOW).word == "Draft"


@pytest.mark.django_db
def test_what_is_taken_down_is_gone_at_once_and_can_come_back() -> None:
    one = make_news()
    put_up(one)

    announcements.withdraw(announcement=one, by="petra", now=timezone.now())

    assert Client().get("/n/outage").status_code == 404
    put_up(one, note="It is true after all.")
    assert Client().get("/n/outage").status_code == 200
    actions = one.releases.order_by("number").values_list("action", flat=True)
    assert list(actions) == ["published", "withdrawn", "corrected"]


@pytest.mark.django_db
def test_languages_without_words_are_named() -> None:
    starter_text("change-terms")
    make_template(language="pl")
    one = make_news()

    checked = check(one, NOW)

    assert checked.missing == ("pl",)
    assert "polski" in checked.warnings[0]


# The public page --------------------------------------------------------------


@pytest.fixture
def bilingual(settings: Any) -> Announcement:
    settings.PUBLIC_URL = "https://bills.northwind.example"
    one = make_announcement()
    say(one, template=starter_text("change-bank-details"), about=WORDS)
    say(
        one,
        "pl",
        heading="Nowe konto bankowe",
        body="Od {{ change.effective_on }} prosimy płacić na nowe konto.",
        about=WORDS | {"change.who": "wszystkich klientów"},
        questions=[{"question": "Dlaczego?", "answer": "Bank zamyka oddział."}],
    )
    put_up(one)
    return one


@pytest.mark.django_db
def test_a_stranger_reads_it_without_a_cookie(bilingual: Announcement) -> None:
    client = Client()
    answer = client.get("/n/new-account")

    assert answer.status_code == 200
    assert not client.cookies
    assert "Cookie" not in answer.get("Vary", "")
    page = answer.content.decode()
    assert "<script" not in page
    assert "https://bills.northwind.example/n/new-account" in page
    assert '<meta property="og:title" content="Our bank account changes' in page
    assert 'href="tel:+441134960000"' in page
    assert "Last changed: " in page
    assert "United Kingdom Time" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "header", "language"),
    [
        ("/n/new-account", "", "en"),
        ("/n/new-account", "pl-PL,pl;q=0.9,en;q=0.5", "pl"),
        ("/n/new-account", "de,pl;q=0.2", "pl"),
        ("/n/new-account", "de", "en"),
        ("/n/new-account?lang=pl", "en", "pl"),
        ("/n/new-account?lang=xx", "pl", "pl"),
        ("/n/new-account/pl", "en", "pl"),
    ],
)
def test_it_speaks_the_readers_language(
    bilingual: Announcement, address: str, header: str, language: str
) -> None:
    answer = Client().get(address, headers={"accept-language": header})

    assert f'<html lang="{language}" dir="ltr"' in answer.content.decode()
    assert answer["Content-Language"] == language
    assert ("Accept-Language" in answer.get("Vary", "")) == (
        not address.endswith("/pl")
    )


@pytest.mark.django_db
def test_own_words_end_with_how_to_reach_the_firm(bilingual: Announcement) -> None:
    page = Client().get("/n/new-account/pl").content.decode()

    assert "Kontakt z nami" in page
    assert "czas: Wielka Brytania" in page
    assert "Od 1 września 2026 prosimy" in page.replace(
        '<span class="value">', ""
    ).replace("</span>", "")
    assert (
        '<a href="/n/new-account/en" hreflang="en" lang="en" dir="ltr">English</a>'
        in page
    )


@pytest.mark.django_db
def test_not_yet_over_and_never_there_look_the_same() -> None:
    now = timezone.now()
    put_up(make_news("later", publish_at=now + HOUR))
    put_up(make_news("over", withdraw_at=now - HOUR), now - 2 * HOUR)
    make_news("draft")
    put_up(make_news("now"))
    client = Client()

    answers = [
        client.get(f"/n/{slug}")
        for slug in ("later", "over", "draft", "nothing", "now/pl")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer["Cache-Control"] for answer in answers}) == 1
    assert not client.cookies


@pytest.mark.django_db
def test_a_copy_is_not_kept_past_the_end() -> None:
    now = timezone.now()
    put_up(make_news("soon", withdraw_at=now + dt.timedelta(seconds=20)))
    put_up(make_news("stays"))

    ending = Client().get("/n/soon")["Cache-Control"]
    staying = Client().get("/n/stays")["Cache-Control"]

    assert int(ending.partition("max-age=")[2].split(",")[0]) <= 20
    assert "max-age=60" in staying
    assert "public" in staying


@pytest.mark.django_db
def test_hostile_words_stay_words() -> None:
    nasty = '"><script>alert(1)</script>'
    one = make_announcement(kind="terms", about={"change.effective_on": "2026-09-01"})
    facts = {"change.old": nasty, "change.new": nasty, **WORDS, "change.who": nasty}
    say(
        one,
        heading=f"News {nasty}"[:300],
        body="{% before_after %}",
        about=facts,
        questions=[{"question": nasty, "answer": "{{ change.who }}"}],
    )
    put_up(one)

    page = Client().get("/n/new-account").content.decode()

    assert "<script" not in page


# Feeds and banner -------------------------------------------------------------


@pytest.mark.django_db
def test_feeds_and_banner_hold_what_is_up_and_nothing_else(
    settings: Any,
) -> None:
    settings.PUBLIC_URL = "https://bills.northwind.example"
    now = timezone.now()
    put_up(make_news("routine", heading="Routine news"))
    put_up(
        make_news(
            "urgent",
            heading="Urgent news",
            importance="urgent",
            withdraw_at=now + HOUR,
        )
    )
    put_up(make_news("later", publish_at=now + HOUR))
    put_up(make_news("over", withdraw_at=now - HOUR), now - 2 * HOUR)

    feed = Client().get("/n/feed.json")
    rss = Client().get("/n/feed.xml")
    banner = Client().get("/n/banner.json")

    items = feed.json()["items"]
    assert feed["Content-Type"] == "application/feed+json"
    assert feed.json()["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["id"] for item in items} == {
        "announcement-routine",
        "announcement-urgent",
    }
    assert items[0]["url"].startswith("https://bills.northwind.example/n/")
    entries = ET.fromstring(rss.content).findall("channel/item")
    assert {entry.findtext("title") for entry in entries} == {
        "Routine news",
        "Urgent news",
    }
    banners = banner.json()["banners"]
    assert [one["importance"] for one in banners] == ["urgent", "routine"]
    assert banners[1]["ends"] is None
    ends = dt.datetime.fromisoformat(banners[0]["ends"])
    assert abs(ends - now - HOUR) < dt.timedelta(seconds=1)
    assert ends.utcoffset() == now.astimezone(ZoneInfo("Europe/London")).utcoffset()
    for answer in (feed, rss, banner):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "max-age" in answer["Cache-Control"]
        assert not answer.cookies


@pytest.mark.django_db
def test_a_feed_can_keep_to_one_firm() -> None:
    put_up(make_news("ours", brand=make_brand(key="ours")))
    put_up(make_news("theirs", brand=make_brand(key="theirs", name="Southwind")))

    feed = Client().get("/n/feed.json?brand=theirs").json()

    assert [item["id"] for item in feed["items"]] == ["announcement-theirs"]
    assert feed["title"] == "Announcements of Southwind"


@pytest.mark.django_db
def test_feeds_answer_while_nothing_is_announced() -> None:
    assert Client().get("/n/feed.json").json()["items"] == []
    assert Client().get("/n/feed.xml").status_code == 200
    assert Client().get("/n/banner.json").json() == {"banners": []}


# Short texts ------------------------------------------------------------------


@pytest.mark.django_db
def test_short_texts_hold_heading_when_who_and_link(bilingual: Announcement) -> None:
    page = page_of(bilingual.texts.get(language="en"), NOW)
    link = "https://bills.northwind.example/n/new-account/en"

    short = shortened(page, link, "Northwind Energy")

    assert [one.limit for one in short["social"]] == [100, 280, 500]
    for one in short["social"]:
        assert one.length == len(one.text) <= one.limit
        assert one.text.endswith(link)
    # The day stands in the heading already.
    told = "from 1 September 2026\nAll customers who pay by invoice\n"
    assert told in short["social"][1].text
    assert lines_of(page)[0] == page["heading"]


@pytest.mark.django_db
def test_a_banner_says_when_if_the_heading_does_not() -> None:
    one = make_announcement()
    words = say(one, heading="New account", body="Please note it.", about=WORDS)

    short = shortened(page_of(words, NOW), "", "Northwind Energy")

    assert short["banner"] == (
        "New account · From 1 September 2026 · all customers who pay by invoice"
    )


# Staff pages ------------------------------------------------------------------


def _client(*rights: str) -> Client:
    client = Client()
    client.force_login(make_user(may=[f"notices.{right}" for right in rights]))
    return client


@pytest.mark.django_db
def test_staff_see_that_nothing_was_announced() -> None:
    page = _client().get("/announcements/").content.decode()

    assert "Nothing announced yet" in page
    assert "New announcement" not in page


@pytest.mark.django_db
def test_older_announcements_stand_on_further_pages() -> None:
    brand = make_brand()
    for number in range(26):
        make_announcement(slug=f"news-{number}", brand=brand)

    first = _client().get("/announcements/").content.decode()
    second = _client().get("/announcements/?page=2").content.decode()

    assert "Showing 1 to 25 of 26." in first
    assert "News 0" in second
    assert "News 1<" not in second


@pytest.mark.django_db
def test_who_may_write_may_not_publish() -> None:
    one = make_news()
    client = _client("add_announcement", "change_announcement")

    assert client.get(f"/announcements/{one.pk}/publish/").status_code == 403
    assert client.post(f"/announcements/{one.pk}/publish/").status_code == 403
    assert client.post(f"/announcements/{one.pk}/withdraw/").status_code == 403
    assert not AnnouncementRelease.objects.exists()


@pytest.mark.django_db
def test_who_may_publish_may_not_write() -> None:
    one = make_news()
    client = _client("publish_announcement")

    assert client.post("/announcements/new/", {}).status_code == 403
    assert client.post(f"/announcements/{one.pk}/edit/", {}).status_code == 403
    assert client.post(f"/announcements/{one.pk}/texts/en/", {}).status_code == 403
    one.refresh_from_db()
    revision = {"revision": one.revision}
    answer = client.post(f"/announcements/{one.pk}/publish/", revision)
    assert answer.status_code == 302
    assert Client().get("/n/outage").status_code == 200


@pytest.mark.django_db
def test_a_preview_is_for_staff_only() -> None:
    one = make_news()

    stranger = Client().get(f"/announcements/{one.pk}/preview/en/")
    staff = _client().get(f"/announcements/{one.pk}/preview/en/")

    assert stranger.status_code == 302
    assert "Our phones are down today" in staff.content.decode()
    assert staff["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_an_announcement_is_written_from_the_first_page_to_the_last() -> None:
    brand = make_brand(time_zone="Europe/Warsaw")
    template = starter_text("change-bank-details")
    client = _client("add_announcement", "change_announcement", "publish_announcement")

    made = client.post(
        "/announcements/new/",
        {
            "kind": "bank_details",
            "brand": brand.pk,
            "slug": "new-account",
            "importance": "important",
            "publish_at": "2026-07-01T09:00",
            "withdraw_at": "",
        },
    )
    one = Announcement.objects.get()
    assert made["Location"] == f"/announcements/{one.pk}/edit/"
    edited = client.post(
        made["Location"],
        {
            "brand": brand.pk,
            "slug": "new-account",
            "importance": "important",
            "publish_at": "",
            "fact-change-old": "GB33 BUKB 2020 1555 5555 55",
            "fact-change-old-sort": "account",
            "fact-change-new": "GB94 BARC 1020 1530 0934 59",
            "fact-change-new-sort": "account",
            "fact-change-effective_on": "2026-09-01",
        },
    )
    assert edited["Location"] == f"/announcements/{one.pk}/texts/en/"
    written = client.post(
        edited["Location"],
        {
            "template": template.pk,
            "fact-change-reason": WORDS["change.reason"],
            "fact-change-who": WORDS["change.who"],
            "question-1": "Why?",
            "answer-1": "{{ change.reason }}",
        },
    )
    assert written["Location"] == f"/announcements/{one.pk}/?language=en"
    shown = client.get(written["Location"]).content.decode()
    assert "data-copy" in shown
    one.refresh_from_db()
    confirm = client.get(f"/announcements/{one.pk}/publish/").content.decode()
    assert "Publish in 1 language" in confirm
    client.post(f"/announcements/{one.pk}/publish/", {"revision": one.revision})

    page = Client().get("/n/new-account").content.decode()
    assert "•••• 3459" in page
    assert "Our bank is closing" in page


@pytest.mark.django_db
def test_times_are_counted_in_the_firms_zone() -> None:
    brand = make_brand(time_zone="Europe/Warsaw")
    client = _client("add_announcement")

    client.post(
        "/announcements/new/",
        {
            "kind": "news",
            "brand": brand.pk,
            "slug": "x",
            "importance": "routine",
            "publish_at": "2026-07-01T09:00",
        },
    )

    when = Announcement.objects.get().publish_at
    assert when == dt.datetime(2026, 7, 1, 7, 0, tzinfo=dt.UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"slug": "taken"}, "Another announcement has this address"),
        ({"slug": "über uns"}, "Use small letters"),
        ({"publish_at": "soon"}, "Write day and time"),
        ({"publish_at": "2026-03-29T02:30"}, "The clocks skip that time"),
        (
            {"publish_at": "2026-07-02T09:00", "withdraw_at": "2026-07-01T09:00"},
            "It must come down after it went up",
        ),
    ],
)
def test_a_faulty_form_says_what_to_do(fields: dict[str, str], words: str) -> None:
    brand = make_brand(time_zone="Europe/Warsaw")
    make_announcement(slug="taken", brand=brand)
    good = {"kind": "news", "brand": brand.pk, "slug": "x", "importance": "routine"}

    answer = _client("add_announcement").post("/announcements/new/", good | fields)

    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.django_db
def test_personal_data_is_an_error_of_the_form() -> None:
    one = make_announcement(kind=NEWS.key, about={})

    answer = _client("change_announcement").post(
        f"/announcements/{one.pk}/texts/en/",
        {"heading": "News", "body": "Ring Anna: +44 7700 900123."},
    )

    assert answer.status_code == 422
    assert "a phone or account number" in answer.content.decode()


@pytest.mark.django_db
def test_every_kind_can_be_edited() -> None:
    client = _client("change_announcement")
    for key in [*(k for k in KINDS if Form.PUBLIC in KINDS[k].forms), NEWS.key]:
        one = make_announcement(slug=key.replace("_", "-"), kind=key, about={})
        assert client.get(f"/announcements/{one.pk}/edit/").status_code == 200
        assert client.get(f"/announcements/{one.pk}/texts/pl/").status_code == 200
        assert client.get(f"/announcements/{one.pk}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["feed.json", "feed.xml", "banner.json"])
@pytest.mark.parametrize("brand", ["\x00", "a\x00", "../x", "no-such-firm"])
def test_a_firm_that_cannot_be_has_an_empty_feed(name: str, brand: str) -> None:
    answer = Client().get(f"/n/{name}", {"brand": brand})

    assert answer.status_code == 200
    assert b"<item>" not in answer.content
    if name != "feed.xml":
        assert [] in answer.json().values()


@pytest.mark.django_db
def test_own_words_are_read_by_the_lint_like_a_public_text() -> None:
    one = make_news(
        heading="Our phones are down",
        body="We will take you to court. We are back soon, valued customer.",
    )

    checked = check(one, NOW)

    refused = " ".join(problem.sentence for problem in checked.problems)
    assert "reads as a threat" in refused
    assert any("“soon” leaves the reader to guess" in one for one in checked.warnings)
    assert any("“valued customer” is a formula" in one for one in checked.warnings)
    with pytest.raises(AnnouncementError, match="threat"):
        put_up(one)


@pytest.mark.django_db
def test_the_answers_to_questions_are_read_as_well() -> None:
    one = make_news()
    say(
        one, heading="Our phones are down", body="Please write to {{ brand.email }}.",
        questions=[{"question": "And if not?", "answer": "Legal action follows."}],
    )  # fmt: skip

    problems = check(one, NOW).problems

    assert [problem.language for problem in problems] == ["en"]
    assert "Legal action" in problems[0].sentence


@pytest.mark.django_db
def test_a_day_typed_into_news_is_no_fault_since_there_is_no_field_for_it() -> None:
    one = make_news(body="Our office is closed on 24 December 2026. It costs 5 EUR.")

    checked = check(one, NOW)

    assert checked.problems == ()
    assert not any("typed by hand" in warning for warning in checked.warnings)


@pytest.mark.django_db
def test_an_address_taken_in_the_same_moment_is_an_error_of_the_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = make_news(slug="taken")
    client = _client("add_announcement", "change_announcement")
    # As if the other had come after the form looked.
    monkeypatch.setattr(
        "notices.announcement_forms.AnnouncementForm.clean_slug",
        lambda form: form.cleaned_data["slug"],
    )

    answer = client.post(
        "/announcements/new/",
        {"kind": "news", "brand": one.brand_id, "slug": "taken",
         "importance": "routine"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "Another announcement has this address" in answer.content.decode()
    assert Announcement.objects.count() == 1
