"""Says to the database whose work a request is, for what its triggers write down."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from customers.acting import acting_as

_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})


class ActorMiddleware:
    """Stands behind the log-in; what only looks is passed through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _LOOKS:
            return self._get_response(request)
        with acting_as(_who(request)):
            return self._get_response(request)


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return request.user.get_username()
    return "provider" if request.path.startswith("/hooks/") else "customer"
