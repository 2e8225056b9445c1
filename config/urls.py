"""Every address of Duly: a public block, then the pages of staff.

All that is not in the public block needs a log-in (LoginRequiredMiddleware).
"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path, re_path

from campaigns.views import (
    access_reviews,
    acknowledgements,
    answer_reasons,
    answers,
    calls,
    campaigns,
    consents,
    customers,
    cutovers,
    health,
    held,
    inserts,
    notices,
    phone_consents,
    print_files,
    printing,
    privacy,
    replies,
    rules,
    today,
)
from notices.intake.providers import HOOKS
from notices.pages import (
    answering,
    bill_copies,
    coding,
    consent_receipts,
    consenting,
    fresh,
    halting,
    own_data,
    preferring,
)
from notices.views import (
    announcement_feeds,
    announcement_writing,
    announcements,
    announcing,
    documents,
    hooks,
    probes,
    publishing,
    reading,
)

# The only addresses a stranger may open.
public: list[URLPattern | URLResolver] = [
    path("d/<str:token>/", documents.paper, name="paper"),
    path("n/feed.json", announcement_feeds.json_feed, name="announcement-json"),
    path("n/feed.xml", announcement_feeds.rss_feed, name="announcement-rss"),
    path("n/banner.json", announcement_feeds.banner, name="announcement-banner"),
    path("n/<slug:slug>", announcements.announcement, name="announcement-page"),
    path(
        "n/<slug:slug>/<slug:language>",
        announcements.announcement,
        name="announcement-page-in",
    ),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("read/<str:token>", reading.read, name="read"),
    # A customer's own pages: who has the token may come in (notices.pages).
    # A link that was cut off after its slash.
    re_path(r"^[rcpauoRC]/?$", fresh.cut_off, name="cut-off"),
    path("r/<str:token>", answering.answer, name="answer"),
    path(
        "r/<str:token>/receipt/<str:reference>",
        answering.answer_receipt,
        name="answer-receipt",
    ),
    path("r/<str:token>/copy/<int:invoice>", bill_copies.bill_copy, name="bill-copy"),
    path("r/<str:token>/<slug:kind>", answering.answer_kind, name="answer-kind"),
    path(
        "r/<str:token>/<slug:kind>/<slug:which>",
        answering.answer_kind,
        name="answer-detail",
    ),
    # As a code to scan says it: in capitals.
    path("R/<str:token>", answering.answer, name="answer-scanned"),
    path("C/<str:token>", consenting.consent, name="consent-scanned"),
    path("code", coding.code, name="code"),
    path("c/<str:token>", consenting.consent, name="consent"),
    path(
        "c/<str:token>/receipt/<uuid:record>",
        consent_receipts.receipt,
        name="consent-receipt",
    ),
    path(
        "c/<str:token>/receipt/<uuid:record>.pdf",
        consent_receipts.as_pdf,
        name="consent-receipt-pdf",
    ),
    path(
        "c/<str:token>/receipt/<uuid:record>.json",
        consent_receipts.as_data,
        name="consent-receipt-json",
    ),
    path("p/<str:token>", preferring.preferences, name="preferences"),
    path("p/<str:token>/data", own_data.own_data, name="own-data"),
    path("o/<str:token>", own_data.own_copy_file, name="own-copy"),
    path(
        "p/<str:token>/<slug:part>",
        preferring.preferences_part,
        name="preferences-part",
    ),
    path("a/<str:token>", preferring.confirm, name="confirm"),
    path("u/<str:token>", halting.stop, name="stop"),
    path("l", fresh.fresh_link, name="fresh-link"),
    # For machines. The last one is there only for a token or this very machine.
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
    # Providers, who prove themselves by signature or password: hooks/postmark/tracking.
    *(
        path(f"{hook.path}{hook.more}", hooks.receive, {"hook": hook}, name=hook.name)
        for hook in HOOKS
    ),
]

staff: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/check/", campaigns.campaign_check, name="campaign-check"),
    path("campaigns/<int:pk>/start/", campaigns.campaign_start, name="campaign-start"),
    path("campaigns/<int:pk>/law/", campaigns.campaign_law, name="campaign-law"),
    path("campaigns/<int:pk>/plan/", campaigns.campaign_plan, name="campaign-plan"),
    path(
        "campaigns/<int:pk>/unplan/",
        campaigns.campaign_unplan,
        name="campaign-unplan",
    ),
    path("campaigns/<int:pk>/pause/", campaigns.campaign_pause, name="campaign-pause"),
    path(
        "campaigns/<int:pk>/resume/",
        campaigns.campaign_resume,
        name="campaign-resume",
    ),
    path(
        "campaigns/<int:pk>/progress/",
        campaigns.campaign_progress,
        name="campaign-progress",
    ),
    path("announcements/", announcing.announcement_list, name="announcements"),
    path("announcements/new/", announcing.announcement_new, name="announcement-new"),
    path("announcements/<int:pk>/", announcing.announcement, name="announcement"),
    path(
        "announcements/<int:pk>/edit/",
        announcing.announcement_edit,
        name="announcement-edit",
    ),
    path(
        "announcements/<int:pk>/texts/",
        announcement_writing.announcement_text_add,
        name="announcement-text-add",
    ),
    path(
        "announcements/<int:pk>/texts/<slug:language>/",
        announcement_writing.announcement_text,
        name="announcement-text",
    ),
    path(
        "announcements/<int:pk>/texts/<slug:language>/remove/",
        announcement_writing.announcement_text_remove,
        name="announcement-text-remove",
    ),
    path(
        "announcements/<int:pk>/preview/<slug:language>/",
        announcement_writing.announcement_preview,
        name="announcement-preview",
    ),
    path(
        "announcements/<int:pk>/publish/",
        publishing.announcement_publish,
        name="announcement-publish",
    ),
    path(
        "announcements/<int:pk>/withdraw/",
        publishing.announcement_withdraw,
        name="announcement-withdraw",
    ),
    path("calls/", calls.call_queue, name="calls"),
    path("calls/next/", calls.call_next, name="call-next"),
    path("calls/done/<int:pk>/", calls.call_follow_up_done, name="call-done"),
    path("calls/undo/<int:pk>/", calls.call_undo, name="call-undo"),
    path("calls/<slug:reference>/", calls.call, name="call"),
    path("calls/<slug:reference>/take/", calls.call_take, name="call-take"),
    path("calls/<slug:reference>/keep/", calls.call_keep, name="call-keep"),
    path("calls/<slug:reference>/back/", calls.call_give_back, name="call-back"),
    path("calls/<slug:reference>/outcome/", calls.call_outcome, name="call-outcome"),
    path("consents/", consents.consents, name="consents"),
    path("consents/list.csv", consents.consents_csv, name="consents-csv"),
    path("consents/paperless/", cutovers.paperless, name="paperless"),
    path(
        "consents/paperless/list/", cutovers.paperless_list_page, name="paperless-list"
    ),
    path("consents/paperless/list.csv", cutovers.paperless_csv, name="paperless-csv"),
    path("consents/paperless/confirm/", cutovers.cutover, name="cutover"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path(
        "customers/<int:pk>/consents/",
        consents.customer_consents,
        name="customer-consents",
    ),
    path(
        "customers/<int:pk>/consent/",
        phone_consents.consent_by_phone,
        name="consent-by-phone",
    ),
    path("customers/<int:pk>/export/", privacy.customer_export, name="customer-export"),
    path("customers/<int:pk>/erase/", privacy.customer_erase, name="customer-erase"),
    path("customers/<int:pk>/keep/", privacy.legal_hold, name="customer-keep"),
    path("exports/<int:pk>/", privacy.export_file, name="export-file"),
    path("access-log/", privacy.access_log, name="access-log"),
    path("access-log.csv", privacy.access_log_csv, name="access-log-csv"),
    path("access-review/", access_reviews.review, name="access-review"),
    path("access-review.csv", access_reviews.review_csv, name="access-review-csv"),
    path("customers/<int:pk>/holds/", customers.hold_place, name="hold-place"),
    path("holds/<int:pk>/lift/", customers.hold_lift, name="hold-lift"),
    path("plans/<int:pk>/handled/", customers.plan_handled, name="plan-handled"),
    path("health/", health.health, name="health"),
    path("health/stop/", health.health_stop, name="health-stop"),
    path("health/release/", health.health_release, name="health-release"),
    path("health/providers/<slug:name>/", health.health_lane, name="health-lane"),
    path("health/real/", health.health_adopt, name="health-adopt"),
    path("held/", held.held, name="held"),
    path("held/<slug:reason>/", held.held_decide, name="held-decide"),
    path("messages/", notices.notices, name="notices"),
    path("messages/<slug:reference>/", notices.notice, name="notice"),
    path("messages/<slug:reference>/mail/", notices.notice_mail, name="notice-mail"),
    path(
        "messages/<slug:reference>/pages/<int:number>.png",
        notices.notice_page,
        name="notice-page",
    ),
    path(
        "messages/<slug:reference>/source/",
        notices.notice_source,
        name="notice-source",
    ),
    path(
        "messages/<slug:reference>/fate/",
        notices.notice_resolve,
        name="notice-resolve",
    ),
    path(
        "messages/<slug:reference>/decide/",
        notices.notice_decide,
        name="notice-decide",
    ),
    path(
        "messages/<slug:reference>/read/",
        acknowledgements.notice_read,
        name="notice-read",
    ),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.rules_new, name="rules-new"),
    path("rules/<str:code>/", rules.rule_pack, name="rule-pack"),
    path("rules/<str:code>/change/", rules.rule_change, name="rule-change"),
    path("rules/<str:code>/<int:pk>/approve/", rules.rule_approve, name="rule-approve"),
    path(
        "rules/<str:code>/<int:pk>/set-aside/",
        rules.rule_set_aside,
        name="rule-set-aside",
    ),
    path("replies/", replies.reply_list, name="replies"),
    path("replies/reasons/", answer_reasons.reasons, name="answer-reasons"),
    path("replies/reasons.csv", answer_reasons.reasons_csv, name="answer-reasons-csv"),
    path("replies/survey.csv", answer_reasons.survey_csv, name="survey-csv"),
    path("replies/answers/<int:pk>/", answers.answer, name="answer-staff"),
    path("replies/answers/<int:pk>/done/", answers.answer_done, name="answer-done"),
    path("replies/answers/<int:pk>/plan/", answers.answer_plan, name="answer-plan"),
    path(
        "replies/answers/<int:pk>/files/<int:number>/",
        answers.answer_file,
        name="answer-file",
    ),
    path("replies/<int:pk>/", replies.reply, name="reply"),
    path("replies/<int:pk>/done/", replies.reply_done, name="reply-done"),
    path("replies/<int:pk>/customer/", replies.reply_of, name="reply-customer"),
    path("printing/", printing.print_room, name="print-room"),
    path("printing/open/<int:pk>/", printing.print_open, name="print-open"),
    path("printing/returned/", printing.print_returned, name="print-returned"),
    path("printing/insert/", inserts.bill_insert, name="bill-insert"),
    path(
        "printing/accounts-on-paper.csv",
        print_files.paper_accounts,
        name="paper-accounts",
    ),
    path("printing/<int:pk>/", printing.print_run, name="print-run"),
    path("printing/<int:pk>/progress/", printing.print_progress, name="print-progress"),
    path("printing/<int:pk>/close/", printing.print_close, name="print-close"),
    path("printing/<int:pk>/posted/", printing.print_posted, name="print-posted"),
    path(
        "printing/<int:pk>/not-posted/", printing.print_unposted, name="print-unposted"
    ),
    path("printing/<int:pk>/cancel/", printing.print_cancel, name="print-cancel"),
    path("printing/<int:pk>/letter/", print_files.print_again, name="print-again"),
    path(
        "printing/<int:pk>/files/<int:number>.pdf",
        print_files.print_file,
        name="print-file",
    ),
    path(
        "printing/<int:pk>/files/<int:number>/again/",
        print_files.print_file_again,
        name="print-file-again",
    ),
    path(
        "printing/<int:pk>/manifest.csv",
        print_files.print_manifest_csv,
        name="print-manifest-csv",
    ),
    path(
        "printing/<int:pk>/manifest.json",
        print_files.print_manifest_json,
        name="print-manifest-json",
    ),
    path("admin/", admin.site.urls),
]

urlpatterns = public + staff
