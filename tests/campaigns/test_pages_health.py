"""Health and the red banner; stop and release; held messages decided together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from notices import health, heartbeats, outbound
from notices.models import Notice, Outbound, ProviderLane
from notices.states import State
from tests.factories import NOW, make_campaign, make_notice, make_stream, make_user

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Have a house of its own with a Redis that answers."""
    settings.DULY_HOME = tmp_path
    settings.INSTALLATION_ID = ""
    monkeypatch.setattr(health, "broker_answers", lambda: True)


@pytest.fixture
def boss(noon: None) -> Client:
    """Return a browser in which Ada is logged in, who may stop everything."""
    client = Client()
    client.force_login(make_user("ada", may=["notices.stop_everything"]))
    return client


def all_at_work(at: dt.datetime = NOW) -> None:
    """Have the clock, the scheduler and a worker for everything be seen."""
    heartbeats.note_ring(now=at)
    heartbeats.note_pass(now=at)
    heartbeats.note_worker(
        name="celery@one", queues=health.needed_queues(), hears_broker=True, now=at
    )


def page(client: Client, address: str) -> str:
    """Return what a page says."""
    return client.get(address).content.decode()


def test_a_house_with_all_at_work_is_green_and_has_no_banner(staff: Client) -> None:
    all_at_work()

    assert "Everything that must be at work is at work." in page(staff, "/health/")
    assert 'class="alarm"' not in page(staff, "/")


@pytest.mark.parametrize("address", ["/", "/campaigns/", "/customers/", "/messages/"])
def test_when_the_workers_are_gone_every_page_says_so(
    staff: Client, address: str
) -> None:
    all_at_work(NOW - 120 * SECOND)

    said = page(staff, address)

    assert 'role="alert"' in said
    assert "Has never" not in said
    assert "See Health for 2 more things" in said


def test_health_names_what_is_wrong_since_when_and_what_to_do(viewer: Client) -> None:
    all_at_work()
    heartbeats.note_ring(now=NOW - dt.timedelta(minutes=9))

    said = page(viewer, "/health/")

    assert "Not working: 1 thing." in said
    assert "Rang 9 minutes ago." in said
    assert "Since 10 March 2026, 09:51 UTC." in said
    assert "celery -A config.celery beat" in said


def test_a_stranger_sees_no_banner() -> None:
    assert 'class="alarm"' not in page(Client(), "/login/")


# Stop, release, adopt --------------------------------------------------------


def test_stopping_asks_why_and_every_page_says_it(boss: Client) -> None:
    make_notice(stream=make_campaign().stream, not_before=NOW)
    all_at_work()
    assert "Stop everything" in page(boss, "/")
    assert "1 message in line now." in page(boss, "/health/stop/")

    answer = boss.post("/health/stop/", {"reason": "wrong <amounts>"}, follow=True)

    assert "Everything is stopped." in answer.content.decode()
    said = page(boss, "/")
    assert "Everything is stopped by ada: wrong &lt;amounts&gt;" in said
    assert not outbound.is_open()


def test_a_live_house_that_is_stopped_says_that_nobody_is_reached(
    boss: Client, settings: Any
) -> None:
    settings.CHANNELS = {"email": "smtp"}
    all_at_work()
    assert "<strong>Live:</strong>" in page(boss, "/campaigns/")

    outbound.stop_everything(by="ada", reason="wrong amounts", now=NOW)
    said = page(boss, "/campaigns/")

    assert "<strong>Live:</strong>" not in said
    assert "Once it is released, real customers are reached by e-mail." in said


def test_a_stop_without_a_reason_is_asked_again(boss: Client) -> None:
    answer = boss.post("/health/stop/", {"reason": ""})

    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert outbound.is_open()


def test_releasing_says_how_many_are_in_line_and_lets_them_go(boss: Client) -> None:
    stream = make_campaign().stream
    make_notice(stream=stream, not_before=NOW)
    # It waits for the print room, whatever the switch says.
    make_notice(stream=stream, not_before=NOW, channel="letter")
    outbound.stop_everything(by="ada", reason="x", now=NOW)
    assert "Let 1 message go" in page(boss, "/health/release/")

    boss.post("/health/release/")

    assert outbound.is_open()


def test_stopping_twice_says_so_and_keeps_the_first_reason(boss: Client) -> None:
    outbound.stop_everything(by="sam", reason="first", now=NOW)

    answer = boss.post("/health/stop/", {"reason": "second"}, follow=True)

    assert "Everything is stopped already." in answer.content.decode()
    assert Outbound.objects.get().reason == "first"


@pytest.mark.parametrize("address", ["stop", "release", "real"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_switch_needs_its_own_right(
    staff: Client, address: str, method: str
) -> None:
    answer = getattr(staff, method)(f"/health/{address}/", {"reason": "x"})

    assert answer.status_code == 403
    assert outbound.is_open()


def test_a_copy_says_what_it_is_and_who_may_can_name_it_the_real_one(
    boss: Client, settings: Any, tmp_path: Path
) -> None:
    assert outbound.is_open()
    settings.DULY_HOME = tmp_path / "restored"
    assert not outbound.is_open()
    said = page(boss, "/health/")
    assert "another installation opened this database" in said
    assert "/health/real/" in said
    assert "/health/release/" not in said
    assert "INSTALLATION_ID" in page(boss, "/health/real/")

    boss.post("/health/real/")

    assert outbound.is_open()
    assert "Named this the real installation" in page(boss, "/health/")


# Held messages ---------------------------------------------------------------


def hold(number: int, reason: str = "LATE") -> list[Notice]:
    """Have messages of one campaign wait for staff."""
    stream = make_stream(label="Autumn")
    return [
        make_notice(stream=stream, state=State.HELD, reason=reason)
        for _ in range(number)
    ]


def test_held_messages_are_listed_by_reason(staff: Client) -> None:
    hold(3)
    hold(1, "NO_ADDRESS")

    said = page(staff, "/held/")

    assert "Nothing could go out when it was planned" in said
    assert "3 messages" in said
    assert "There is no usable address" in said


def test_all_of_one_reason_are_released_and_others_stay(staff: Client) -> None:
    late = hold(3)
    (other,) = hold(1, "NO_ADDRESS")
    assert "Release 3 messages" in page(staff, "/held/LATE/")

    answer = staff.post(
        "/held/LATE/",
        {"choice": "release", "newest": late[-1].pk, "number": len(late)},
        follow=True,
    )

    assert "3 messages: in line again." in answer.content.decode()
    assert Notice.objects.filter(state=State.SCHEDULED, not_before=NOW).count() == 3
    other.refresh_from_db()
    assert other.state == State.HELD


def test_all_of_one_reason_are_cancelled_for_good(staff: Client) -> None:
    late = hold(2)

    staff.post(
        "/held/LATE/", {"choice": "cancel", "newest": late[-1].pk, "number": len(late)}
    )

    assert Notice.objects.filter(state=State.CANCELLED).count() == 2


def test_only_what_was_on_the_page_is_decided_about(staff: Client) -> None:
    shown, after = hold(2)

    staff.post("/held/LATE/", {"choice": "release", "newest": shown.pk, "number": 1})

    after.refresh_from_db()
    assert after.state == State.HELD


def test_an_older_message_that_came_to_wait_since_is_shown_first(
    staff: Client,
) -> None:
    older, shown = hold(2)

    said = staff.post(
        "/held/LATE/",
        {"choice": "cancel", "newest": shown.pk, "number": 1},
        follow=True,
    ).content.decode()

    assert "Nothing was done" in said
    assert "Cancel 2 messages" in said
    older.refresh_from_db()
    assert older.state == State.HELD


@pytest.mark.parametrize("sent", [{}, {"choice": "all", "newest": 9, "number": 1}])
def test_a_decision_that_says_nothing_changes_nothing(
    staff: Client, sent: dict[str, Any]
) -> None:
    hold(1)

    assert staff.post("/held/LATE/", sent).status_code == 400
    assert Notice.objects.get().state == State.HELD


def test_a_held_group_is_for_those_who_may_change_messages(viewer: Client) -> None:
    hold(1)

    assert "Release or cancel" not in page(viewer, "/held/")
    assert viewer.get("/held/LATE/").status_code == 403


# Paused for safety -----------------------------------------------------------


def test_a_campaign_paused_for_safety_says_why_wherever_it_stands(
    staff: Client,
) -> None:
    campaign = make_campaign(state="paused", name="Autumn")
    campaign.stream.safety_reason = "5 of the last 50 messages were marked as spam"
    campaign.stream.save()
    sentence = "aused for safety: 5 of the last 50 messages were marked as spam"

    for address in ("/", "/campaigns/", f"/campaigns/{campaign.pk}/", "/health/"):
        assert sentence in page(staff, address), address


def test_resuming_forgets_the_reason(staff: Client) -> None:
    campaign = make_campaign(state="paused")
    campaign.stream.safety_reason = "it failed"
    campaign.stream.save()

    staff.post(f"/campaigns/{campaign.pk}/resume/")

    campaign.stream.refresh_from_db()
    assert (campaign.stream.state, campaign.stream.safety_reason) == ("running", "")
    assert campaign.stream.running_since is not None


# Providers -------------------------------------------------------------------


def refused(**fields: Any) -> ProviderLane:
    """Have the sandbox, which carries e-mail here, refuse us."""
    return ProviderLane.objects.create(
        **{"name": "sandbox", "refilled_at": NOW, "stopped_at": NOW, "reason": "535 no"}
        | fields
    )


def test_a_provider_that_refuses_us_is_red_everywhere_with_what_waits(
    staff: Client,
) -> None:
    all_at_work()
    make_notice(not_before=NOW)
    refused()

    for address in ("/", "/campaigns/", "/health/"):
        said = page(staff, address)
        assert "Paused for safety: it refuses us (“535 no”)." in said
        assert "1 message waits for it." in said
    assert "Try again<span" not in said


def test_whoever_may_stop_everything_has_a_provider_tried_again(boss: Client) -> None:
    all_at_work()
    refused()
    assert "Try again<span" in page(boss, "/health/")

    answer = boss.post("/health/providers/sandbox/", follow=True)

    assert "One message tries “sandbox” now" in answer.content.decode()
    lane = ProviderLane.objects.get()
    assert (lane.stopped_at, lane.failures) == (None, 1)
    assert "Tried a provider again on" in page(boss, "/health/")
    assert ", by <bdi>ada</bdi>: <bdi>sandbox</bdi>" in page(boss, "/health/")


def test_others_do_not_and_nothing_changes_on_get(staff: Client, boss: Client) -> None:
    refused()

    assert staff.post("/health/providers/sandbox/").status_code == 403
    assert boss.get("/health/providers/sandbox/").status_code == 405
    assert boss.post("/health/providers/nobody/").status_code == 404
    assert ProviderLane.objects.get().stopped_at == NOW


def test_settings_change_the_rate_and_nothing_else(noon: None) -> None:
    lane = refused(tokens=5)
    ops = make_user(
        "ops", may=["notices.change_providerlane", "notices.view_providerlane"]
    )
    ops.is_staff = True
    ops.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(ops)
    address = f"/admin/notices/providerlane/{lane.pk}/change/"
    assert "535 no" in page(client, address)

    wrong = client.post(address, {"per_second": "0"})
    client.post(address, {"per_second": "12.5", "reason": "", "tokens": "9"})

    assert "Write a number above nothing" in wrong.content.decode()
    lane.refresh_from_db()
    assert (lane.per_second, lane.tokens, lane.reason) == (12.5, 5, "535 no")
    assert client.get("/admin/notices/providerlane/add/").status_code == 403
