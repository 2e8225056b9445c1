"""The groups that come with Duly, and what each may do: a right stands by its work.

``migrate`` makes them once; from then on they are the firm's own to change. Legal was
made before them (notices 0016). A new right of a page belongs into one of them: a test
holds every right a page asks for against this list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ROOMS = ("campaigns", "notices", "consent", "customers")

LOOKING = "Viewers"
# What agents may do beside looking.
AGENTS = frozenset(
    {
        "campaigns.change_campaign",
        "notices.change_notice",
        "notices.change_reply",
        "notices.change_answer",
        "notices.make_calls",
        "notices.run_print",
        "notices.export_print",
        "customers.add_hold",
        "customers.change_hold",
        "customers.delete_hold",
        "customers.change_plan",
        "customers.add_payment",
        "consent.add_consentevent",
    }
)
MANAGERS = AGENTS | {
    "campaigns.add_campaign",
    "campaigns.add_cutover",
    "notices.add_templateversion",
    "notices.change_templateversion",
    "notices.add_announcement",
    "notices.change_announcement",
    "notices.publish_announcement",
    "notices.change_brand",
    "notices.change_answerlimits",
    "notices.change_providerlane",
    "notices.stop_everything",
}
LEGAL = frozenset(
    {
        "notices.view_templateversion",
        "notices.approve_templateversion",
        "notices.bind_templateversion",
        "consent.view_rulepack",
        "consent.change_rulepack",
        "consent.approve_rulepack",
        "consent.view_disclosure",
        "consent.change_disclosure",
        "consent.publish_disclosure",
    }
)
# Taking a person's data out or erasing it is no daily work, and leaves traces: who may
# do it also reads who looked. An erasure takes two of them.
DATA_PROTECTION = frozenset(
    {
        "customers.view_customer",
        "customers.view_accessentry",
        "customers.export_person",
        "customers.erase_person",
        "customers.keep_evidence",
        "consent.view_consentevent",
        "campaigns.add_accessreview",
    }
)
# Who also looks at everything is a viewer besides.
GROUPS: dict[str, frozenset[str]] = {
    "Agents": AGENTS,
    "Managers": MANAGERS,
    "Legal": LEGAL,
    "Data protection": DATA_PROTECTION,
}
SEES_ALL = (LOOKING, "Agents", "Managers")


def give(group: Any, rights: Iterable[str], permissions: Any) -> None:
    """Give a group rights named as "room.codename": one query for all.

    ``permissions`` is the manager of the rights, as a migration knows it or the app.
    """
    wanted = set(rights)
    rooms = {right.partition(".")[0] for right in wanted}
    group.permissions.add(
        *(
            one
            for one in permissions.filter(content_type__app_label__in=rooms)
            .select_related("content_type")
            .order_by("pk")
            if f"{one.content_type.app_label}.{one.codename}" in wanted
        )
    )


def viewing(permissions: Any) -> Any:
    """Return the rights of who may look at everything."""
    return permissions.filter(
        content_type__app_label__in=ROOMS, codename__startswith="view_"
    ).exclude(codename="view_accessentry")
