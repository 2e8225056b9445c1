"""Every address of Duly: a public block, then the pages of staff.

All that is not in the public block needs a log-in (LoginRequiredMiddleware).
"""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
