"""What is announced, for other sites and readers: JSON feed, RSS and site banner.

An announcement appears at its time and vanishes at its end; every answer is the same
for everybody, so scripts of other sites may read it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.validators import slug_re
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed

from notices.announcement_text import Page, lines_of
from notices.announcement_words import public_words
from notices.models import AnnouncementRelease, Brand, Importance
from notices.social import banner_text
from notices.views.announcements import View, cached, chosen, open_to_all, path_of

MOST_IN_A_FEED = 50
JSON_FEED = "https://jsonfeed.org/version/1.1"


def _for_other_sites(view: View) -> View:
    """Let scripts of other sites read the answer: it is the same for everybody."""

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return opened


@dataclass(frozen=True, slots=True)
class _Item:
    """One announcement in the language of the reader."""

    release: AnnouncementRelease
    page: Page
    url: str


def _items(request: HttpRequest, now: dt.datetime) -> list[_Item]:
    """Return what is up now; ``?brand=`` keeps to one firm."""
    releases = AnnouncementRelease.objects.on_the_site(now)
    if brand := request.GET.get("brand"):
        if not slug_re.match(brand):
            return []
        releases = releases.filter(announcement__brand__key=brand)
    found = []
    for release in releases[:MOST_IN_A_FEED]:
        language = chosen(request, list(release.texts))
        path = path_of(release.announcement.slug, language)
        found.append(_Item(release, release.texts[language], _absolute(request, path)))
    return found


def _absolute(request: HttpRequest, path: str) -> str:
    return (
        f"{settings.PUBLIC_URL}{path}"
        if settings.PUBLIC_URL
        else request.build_absolute_uri(path)
    )


def _titled(request: HttpRequest, items: Sequence[_Item]) -> tuple[str, str]:
    """Return title and language of a feed."""
    languages = [item.page["language"] for item in items] or ["en"]
    language = languages[0] if len(set(languages)) == 1 else chosen(request, languages)
    brands = Brand.objects.all()
    if key := request.GET.get("brand"):
        brands = brands.filter(key=key) if slug_re.match(key) else brands.none()
    name = ", ".join(brands.values_list("name", flat=True)[:5])
    return public_words(language)["feed_title"].format(name=name), language


@open_to_all
@_for_other_sites
def json_feed(request: HttpRequest) -> HttpResponse:
    """Answer what is up now as a JSON feed, version 1.1."""
    now = timezone.now()
    items = _items(request, now)
    title, language = _titled(request, items)
    answer = JsonResponse(
        {
            "version": JSON_FEED,
            "title": title,
            "language": language,
            "home_page_url": _absolute(request, "/"),
            "feed_url": _absolute(request, request.path),
            "items": [_json_item(item) for item in items],
        },
        content_type="application/feed+json",
    )
    return cached(answer, now, [item.release for item in items])


def _json_item(item: _Item) -> dict[str, Any]:
    release, page = item.release, item.page
    return {
        "id": f"announcement-{release.announcement.slug}",
        "url": item.url,
        "title": page["heading"],
        "summary": page["summary"],
        "content_html": page["html"],
        "content_text": page["text"],
        "language": page["language"],
        "date_published": _stamp(release.publish_at, release),
        "date_modified": _stamp(max(release.at, release.publish_at), release),
        "authors": [{"name": release.content["contact"]["name"]}],
        "tags": [release.importance],
    }


class _Rss(Feed):  # type: ignore[type-arg]
    """What is up now as RSS, for one request."""

    feed_type = Rss201rev2Feed

    def __init__(self, request: HttpRequest, items: list[_Item]) -> None:
        self.found = items
        self.title, self.language = _titled(request, items)
        self.description = self.title
        self.link = _absolute(request, "/")
        self.feed_url = _absolute(request, request.path)

    def items(self) -> list[_Item]:
        """Return the announcements, newest first."""
        return self.found

    def item_title(self, item: _Item) -> str:
        """Return the heading."""
        return str(item.page["heading"])

    def item_description(self, item: _Item) -> str:
        """Return the whole announcement as HTML."""
        return str(item.page["html"])

    def item_link(self, item: _Item) -> str:
        """Return the address of the page."""
        return item.url

    def item_guid(self, item: _Item) -> str:
        """Return what stays the same through corrections."""
        return f"announcement-{item.release.announcement.slug}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: _Item) -> dt.datetime:
        """Return when it went up."""
        return item.release.publish_at

    def item_updateddate(self, item: _Item) -> dt.datetime:
        """Return when it was last corrected."""
        return max(item.release.at, item.release.publish_at)

    def item_categories(self, item: _Item) -> list[str]:
        """Return how important it is."""
        return [item.release.importance]


@open_to_all
@_for_other_sites
def rss_feed(request: HttpRequest) -> HttpResponse:
    """Answer what is up now as RSS 2.0."""
    now = timezone.now()
    items = _items(request, now)
    answer = _Rss(request, items)(request)
    return cached(answer, now, [item.release for item in items])


@open_to_all
@_for_other_sites
def banner(request: HttpRequest) -> HttpResponse:
    """Answer one line for each announcement, for the top of the firm's own site."""
    now = timezone.now()
    items = _items(request, now)
    order = list(Importance.values)
    items.sort(key=lambda item: order.index(item.release.importance))
    answer = JsonResponse(
        {
            "banners": [
                {
                    "text": banner_text(lines_of(item.page)[:2]),
                    "url": item.url,
                    "language": item.page["language"],
                    "direction": item.page["direction"],
                    "starts": _stamp(item.release.publish_at, item.release),
                    "ends": (
                        _stamp(item.release.withdraw_at, item.release)
                        if item.release.withdraw_at
                        else None
                    ),
                    "importance": item.release.importance,
                }
                for item in items
            ]
        }
    )
    return cached(answer, now, [item.release for item in items])


def _stamp(moment: dt.datetime, release: AnnouncementRelease) -> str:
    """Return an instant with the offset of the firm's zone."""
    zone = ZoneInfo(release.content["contact"]["time_zone"])
    return moment.astimezone(zone).isoformat(timespec="seconds")
