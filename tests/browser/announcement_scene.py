"""Announcements that try the layout: long headings, three scripts, a whole page.

Adds to the scene of the staff pages; asks for a database of its own.
"""

from __future__ import annotations

LONG_HEADING = (
    "From the first of September all customers who pay by invoice or standing order "
    "pay into a new account, because our bank closes its old branch: please read what "
    "changes, for whom, from when, what you need to do, how to be sure that it is us, "
    "and whom to call or write to with any question you have"
)[:300]


def build_announcements() -> None:
    """Write an announcement in four languages, put it up, and keep a draft."""
    from django.utils import timezone

    from notices import announcements
    from notices.announcement_words import suggested_questions
    from notices.models import Announcement, TemplateVersion
    from notices.starter import starters
    from tests import factories as make

    now = timezone.now()
    [starter] = [
        one
        for one in starters()
        if (one.key, one.form, one.language) == ("change-bank-details", "public", "en")
    ]
    template = make.make_template(
        key=starter.key,
        kind=starter.kind,
        channel=starter.form,
        subject=starter.subject,
        body=starter.body,
    )
    assert isinstance(template, TemplateVersion)
    one = announcements.save(
        announcement=Announcement(),
        by="ada",
        now=now,
        brand=make.make_brand(),
        slug="new-account",
        kind="bank_details",
        importance="urgent",
        about={
            "change.old": {"account": "GB33 BUKB 2020 1555 5555 55"},
            "change.new": {"account": "GB94 BARC 1020 1530 0934 59"},
            "change.effective_on": "2027-09-01",
        },
    )
    words = {
        "en": ("our bank closes its old branch.", "all customers who pay by invoice"),
        "pl": ("bank zamyka stary oddział.", "wszystkich, którzy płacą z faktury"),
        "zh": ("银行关闭旧网点。", "所有按账单付款的客户"),
        "ar": ("يغلق مصرفنا فرعه القديم.", "جميع العملاء الذين يدفعون بالفاتورة"),
    }
    own = {
        "pl": (
            "Od 1 września 2027 zmienia się nasze konto bankowe: źdźbło, żółć, jaźń",
            "Dziękujemy, że są Państwo z nami. Od {{ change.effective_on }} prosimy "
            "płacić na konto {{ change.new }}. Dotyczy to {{ change.who }}.\n\n"
            "## Co to oznacza\n\n- Zlecenie stałe wymaga zmiany.\n- Do tego dnia "
            "stare konto jest właściwe.",
        ),
        "zh": (
            "自2027年9月1日起，我们的银行账户将变更",
            "感谢您一直以来的支持。自{{ change.effective_on }}起，请将款项付至新账户"
            "{{ change.new }}。此变更涉及{{ change.who }}。\n\n## 这意味着什么\n\n"
            "- 定期转账需要更新账户。\n- 在此之前，旧账户仍然有效。",
        ),
        "ar": (
            "يتغير حسابنا المصرفي ابتداءً من 1 سبتمبر 2027",
            "شكرًا لأنكم عملاؤنا. ابتداءً من {{ change.effective_on }} يرجى الدفع إلى "
            "الحساب {{ change.new }}. يخص هذا {{ change.who }}.\n\n## ماذا يعني ذلك\n\n"
            "- يجب تعديل أمر الدفع الدائم.\n- الحساب القديم صالح حتى ذلك اليوم.",
        ),
    }
    questions = {
        "pl": [("Dlaczego konto się zmienia?", "Bank zamyka stary oddział.")],
        "zh": [("为什么要变更账户？", "银行关闭旧网点。")],
        "ar": [("لماذا يتغير الحساب؟", "لأن {{ change.reason }}")],
    }
    for language, (reason, who) in words.items():
        heading, body = own.get(language, ("", ""))
        announcements.save_text(
            announcement=one,
            language=language,
            by="ada",
            now=now,
            template=template if language == "en" else None,
            heading=heading,
            body=body,
            about={
                "change.reason": reason,
                "change.who": who,
                "change.to_do": who,
            },
            questions=suggested_questions("bank_details")
            if language == "en"
            else [{"question": q, "answer": a} for q, a in questions[language]],
        )
    one.refresh_from_db()
    announcements.publish(announcement=one, revision=one.revision, by="ada", now=now)
    draft = announcements.save(
        announcement=Announcement(),
        by="ada",
        now=now,
        brand=one.brand,
        slug="long-heading",
        kind="news",
        importance="important",
    )
    announcements.save_text(
        announcement=draft,
        language="en",
        by="ada",
        now=now,
        heading=LONG_HEADING,
        body="Please read on. Call {{ brand.phone }} with any question.",
        questions=[{"question": "Whom does it concern?", "answer": "All customers."}],
    )
    draft.refresh_from_db()
    announcements.publish(
        announcement=draft, revision=draft.revision, by="ada", now=now
    )
