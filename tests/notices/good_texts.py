"""Texts that are as they should be, for tests that plant one fault in them.

Made of blocks and fields alone, so that they stand in any language.
"""

from __future__ import annotations

from notices.lint import Text

REMINDER = """{% greeting %}

{% key_facts %}

{% invoice_table %}

{% payment_details %}

{% crossed_payment %}

{% help %}

{% contact %}

{% signature %}
"""
CHANGE = """{% greeting %}

{% before_after %}

{% change_choice %}

{% check_us %}

{% contact %}

{% signature %}
"""
PAPERLESS = """{% greeting %}

{{ paperless.documents }}

{% timeline %}

{% benefits speed %}

{% what_you_need %}

{% paper_right %}

{% paperless_ways %}

{% contact %}

{% signature %}
"""
SMS = (
    "{{ brand.name }}: {{ total }}, {{ pay_by }}, {{ brand.phone }}. [[paid]]"
    "{% if must_offer_stop %} STOP{% endif %}\n"
)
EVENT_SMS = (
    "{{ brand.name }}: {{ visit.what }}, {{ visit.starts_at }}, {{ visit.place }}, "
    "{{ brand.phone }}{% if must_offer_stop %} STOP{% endif %}\n"
)
CALL = """{% identity_check %}

{{ total }}

{% invoice_table %}

{% call_outcomes %}
"""
PUBLIC = """{{ brand.name }}, {{ brand.phone }}

{{ change.new }}

{{ change.effective_on }}

{{ change.reason }}

{{ change.who }}
"""
CARD = "{{ paperless.documents }} {{ reply_by }} {{ paperless.opt_in_phone }}\n"

_OTHERS = {
    ("event", "sms"): EVENT_SMS,
    ("paperless", "written"): PAPERLESS,
    ("paperless", "postcard"): CARD,
    ("paperless", "insert"): CARD,
    ("procedure", "public"): PUBLIC,
}
_DEBTS = {"written": REMINDER, "sms": SMS, "call": CALL, "public": PUBLIC}
_CHANGES = {"procedure", "bank_details", "amount", "terms"}
# How each language says “just paid?”, “costs more” and opens a letter of change.
PAID = {
    "en": "Just paid? Thank you.",
    "de": "Schon bezahlt? Danke.",
    "fr": "Déjà payé ? Merci.",
    "pl": "Wysłano? Dziękujemy.",
    "cs": "Odesláno? Děkujeme.",
    "ru": "Уже оплатили? Спасибо.",
    "zh": "已付款？谢谢。",
    "ar": "هل دفعت؟ شكرًا لك.",
}
OPENINGS = {
    "en": "Thank you for being with {{ brand.name }}. Here is what will change.",
    "de": "Vielen Dank, dass Sie bei {{ brand.name }} sind. Das ändert sich.",
    "fr": "{{ brand.name }} vous remercie. Voici ce qui change.",
    "pl": "{{ brand.name }} dziękuje. Oto, co się zmieni.",
    "cs": "{{ brand.name }} děkuje. Toto se mění.",
    "ru": "{{ brand.name }} благодарит вас. Вот что изменится.",
    "zh": "{{ brand.name }}感谢您。以下内容将变更。",
    "ar": "شكرًا لك من {{ brand.name }}. إليك ما سيتغير.",
}


def good_text(
    kind: str = "reminder", form: str = "written", language: str = "en"
) -> Text:
    """Return a text without a fault."""
    body = _OTHERS.get((kind, form))
    if body is None:
        body = CHANGE if kind in _CHANGES else _DEBTS[form]
    if body is CHANGE:
        opening = f"{{% greeting %}}\n\n{OPENINGS[language]}"
        body = body.replace("{% greeting %}", opening)
    return Text(
        key="t",
        kind=kind,
        form=form,
        language=language,
        subject="" if form in {"sms", "call", "postcard", "insert"} else "{{ today }}",
        body=body.replace("[[paid]]", PAID[language]),
    )
