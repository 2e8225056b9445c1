"""Links and codes open their own doors, for their own time, to who has them."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.floods import CODES, Limit, clear_floods, count, is_flooded
from consent.links import (
    CODE_SIGNS,
    TOKEN_SIGNS,
    Door,
    clear_links,
    mint,
    open_code,
    open_link,
    revoke_links,
    shown,
    store_notice_links,
    use_up,
)
from consent.models import AccessLink, Flood
from tests.factories import make_customer, make_link

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


def _stored(reference: str = "ABCD2345EFGH", codes: bool = False) -> AccessLink:
    customer = make_customer()
    store_notice_links([(reference, customer.pk)], now=NOW, with_codes=codes)
    return AccessLink.objects.get(customer=customer)


def test_a_message_written_twice_carries_the_same_link():
    assert mint("ABCD2345EFGH") == mint("ABCD2345EFGH")
    assert mint("ABCD2345EFGH").token != mint("ABCD2345EFGJ").token
    assert len(mint("ABCD2345EFGH").token) == TOKEN_SIGNS
    assert len(mint("ABCD2345EFGH").code) == CODE_SIGNS


def test_storing_twice_keeps_one_link_and_its_first_time():
    link = _stored()
    store_notice_links([("ABCD2345EFGH", link.customer_id)], now=NOW + DAY)
    assert AccessLink.objects.get().made_at == NOW


def test_the_database_holds_neither_token_nor_code():
    link = _stored(codes=True)
    minted = mint("ABCD2345EFGH")
    held = [str(getattr(link, one.attname)) for one in link._meta.fields]
    held += [bytes(link.token_hash).hex(), bytes(link.code_hash or b"").hex()]
    assert not any(minted.token in one or minted.code in one for one in held)


def test_each_door_of_a_message_closes_in_its_own_time():
    _stored()
    token = mint("ABCD2345EFGH").token
    assert open_link(token, Door.ANSWER, now=NOW + 119 * DAY)
    assert open_link(token, Door.ANSWER, now=NOW + 120 * DAY) is None
    assert open_link(token, Door.PREFERENCES, now=NOW + 29 * DAY)
    assert open_link(token, Door.PREFERENCES, now=NOW + 30 * DAY) is None
    assert open_link(token, Door.GRANT, now=NOW) is None


def test_a_link_typed_in_capitals_and_with_doubtful_signs_opens_the_same():
    link = _stored(codes=True)
    minted = mint("ABCD2345EFGH")
    typed = minted.token.upper().replace("0", "O").replace("1", "I")
    assert open_link(typed, Door.ANSWER, now=NOW) == link
    assert open_code(f" {shown(minted.code)} ", Door.CONSENT, now=NOW) == link


def test_a_message_on_screen_has_no_code():
    _stored()
    assert open_code(mint("ABCD2345EFGH").code, Door.ANSWER, now=NOW) is None


@pytest.mark.parametrize("wrong", ["", "0" * 26, "x", "é" * 30, "0" * 5000, "a\x00b"])
def test_a_forged_or_cut_off_link_opens_nothing(wrong):
    _stored(codes=True)
    assert open_link(wrong, Door.ANSWER, now=NOW) is None
    assert open_code(wrong, Door.ANSWER, now=NOW) is None
    assert open_link(mint("ABCD2345EFGH").token[:-1], Door.ANSWER, now=NOW) is None


def test_a_revoked_link_opens_nothing():
    link = _stored()
    assert revoke_links([link.customer_id], now=NOW) == 1
    assert open_link(mint("ABCD2345EFGH").token, Door.ANSWER, now=NOW) is None


def test_a_link_is_used_up_once_and_still_shows_where_things_stand():
    customer = make_customer()
    token = make_link(customer, purpose="grant", now=NOW)
    link = open_link(token, Door.GRANT, now=NOW)
    assert link is not None
    assert use_up(link, now=NOW)
    assert not use_up(link, now=NOW)
    assert open_link(token, Door.GRANT, now=NOW + dt.timedelta(hours=71)) == link
    assert open_link(token, Door.GRANT, now=NOW + dt.timedelta(hours=72)) is None


def test_links_long_out_of_time_are_cleared_away():
    _stored()
    assert clear_links(now=NOW + 149 * DAY) == 0
    assert clear_links(now=NOW + 151 * DAY) == 1


def test_a_network_that_guesses_is_stopped_and_its_neighbours_are_not():
    for guess in range(CODES.one):
        assert not is_flooded(CODES, f"192.0.2.{guess}", now=NOW)
        count(CODES, f"192.0.2.{guess}", now=NOW)
    assert is_flooded(CODES, "192.0.2.200", now=NOW)
    assert not is_flooded(CODES, "198.51.100.1", now=NOW)
    assert not is_flooded(CODES, "192.0.2.200", now=NOW + dt.timedelta(hours=1))


def test_ipv4_written_as_ipv6_is_counted_as_what_it_is():
    for _ in range(CODES.one):
        count(CODES, "::ffff:192.0.2.7", now=NOW)
    assert is_flooded(CODES, "192.0.2.7", now=NOW)
    assert not is_flooded(CODES, "::ffff:198.51.100.1", now=NOW)


def test_many_networks_together_are_stopped_too():
    limit = Limit("code", one=10, all=4)
    for network in range(4):
        count(limit, f"2001:db8:{network}::1", now=NOW)
    assert is_flooded(limit, "203.0.113.9", now=NOW)


def test_no_visitors_address_is_kept():
    count(CODES, "192.0.2.77", now=NOW)
    kept = b"".join(bytes(one.who) for one in Flood.objects.all())
    assert b"192.0.2" not in kept
    assert clear_floods(now=NOW + dt.timedelta(hours=1)) == 2
