"""What the web server calls."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.collector import leave_what_stays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Every view before the first visitor comes, so that all of it counts as what stays.
get_resolver().url_patterns  # noqa: B018
leave_what_stays()
