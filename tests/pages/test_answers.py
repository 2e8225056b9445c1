from __future__ import annotations
import pytest
from django.test import Client
from tests.pages.opening import open_notice


@pytest.mark.django_db
def test_look():
    o = open_notice(name="Ada")
    c = Client()
    r = c.get(f"/r/{o.token}")
    assert r.status_code == 200, r.content
    for kind in (
        "paid",
        "promise",
        "parts",
        "call",
        "details",
        "dispute",
        "hardship",
        "not_me",
        "question",
    ):
        r = c.get(f"/r/{o.token}/{kind}")
        assert r.status_code == 200, (kind, r.content.decode()[:3000])
    for which in ("email", "mobile", "landline", "address", "name", "other"):
        assert c.get(f"/r/{o.token}/details/{which}").status_code == 200
