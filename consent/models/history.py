"""What each customer agreed to, since when, and how we know.

The history (ConsentEvent) is append-only and chained by hashes: the database itself
refuses UPDATE, DELETE and TRUNCATE, and an event that does not follow the last one of
its customer. ConsentState is its projection, rebuilt from it at will. This room sends
nothing and knows of no notice.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from consent.querysets import ConsentEventQuerySet, ConsentStateQuerySet
from customers.models import Customer


class Subject(models.TextChoices):
    """What a consent is about."""

    E_DELIVERY = "e_delivery", "Bills and notices by e-mail"
    SMS = "sms", "Text messages"
    # Calls need no leave here; what is kept is that somebody wants none.
    CALL = "call", "Phone calls"


class Category(models.TextChoices):
    """What kinds of messages a consent covers (E-SIGN: named categories)."""

    BILLS = "bills", "Bills"
    REMINDERS = "reminders", "Payment reminders"
    CONTRACT_NOTICES = "contract_notices", "Changes to the contract"
    SERVICE_NEWS = "service_news", "News about the service"
    OFFERS = "offers", "Offers"


class Basis(models.TextChoices):
    """On what ground we may write that way."""

    ESIGN_CONSENT = "esign_consent", "Consent to electronic records"
    CONTRACT = "contract", "Contract"
    LEGAL_OBLIGATION = "legal_obligation", "Legal obligation"
    VAT_ACCEPTANCE = "vat_acceptance", "Acceptance of e-invoices"
    MANDATE = "mandate", "E-invoicing mandate"
    PROMO_CONSENT = "promo_consent", "Consent to offers"


class ConsentEvent(models.Model):
    """One thing that happened to one consent; never edited, never deleted.

    Written by consent.ledger alone. ``hash`` covers every column but ``id`` and
    itself (consent.chain); what is personal stands in ConsentDetail and here only as
    salted ``commitments``. No categories mean all that was asked for before they
    were told apart: bills, reminders and contract notices.
    """

    class State(models.TextChoices):
        OFFERED = "offered", "Invited"
        SERVED = "served", "Was shown what it means"
        PENDING = "pending", "Said yes, access not yet shown"
        GRANTED = "granted", "Agreed"
        REFUSED = "refused", "Wants paper"
        UNPROVEN = "unproven", "Agreed, by an imported note without proof"
        WITHDRAWN = "withdrawn", "Withdrew"
        STALE = "stale", "Agreed under requirements that have changed"
        EXPIRED = "expired", "Ended by its date"
        SUPERSEDED = "superseded", "Replaced by a newer consent"

    class Method(models.TextChoices):
        IMPORT = "import", "Import"
        AGENT = "agent", "Told to staff"
        SMS_KEYWORD = "sms_keyword", "Text message"
        REPLY = "reply", "Reply to an e-mail"
        PROVIDER = "provider", "Told by the provider"
        WEB = "web", "Web page"
        PAPER_FORM = "paper_form", "Paper form"
        ONE_CLICK = "one_click", "Unsubscribe button"
        PHONE = "phone", "Phone call"

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="consent_events",
        # The index of the place in the chain begins with the customer.
        db_index=False,
    )
    record_id = models.UUIDField(unique=True, editable=False)
    seq = models.PositiveIntegerField(editable=False)
    schema_version = models.PositiveSmallIntegerField(default=1, editable=False)
    subject = models.CharField(max_length=16, choices=Subject)
    state = models.CharField(max_length=16, choices=State)
    method = models.CharField(max_length=16, choices=Method)
    basis = models.CharField(max_length=20, choices=Basis, blank=True, default="")
    jurisdiction = models.CharField(max_length=16, blank=True, default="")
    language = models.CharField(max_length=12, blank=True, default="")
    categories = ArrayField(
        models.CharField(max_length=20, choices=Category), default=list, blank=True
    )
    channel = models.CharField(max_length=8, blank=True, default="")
    # Of the address it is bound to (consent.fingerprints); none: to no address.
    address_print = models.BinaryField(max_length=32, null=True, blank=True)
    effective_on = models.DateField()
    # The instant, where it is known: an imported date has none.
    effective_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    # "key/language/version" of the disclosure that was shown, and the SHA-256 of the
    # very bytes.
    disclosure_ref = models.CharField(max_length=80, blank=True, default="")
    rendered_sha256 = models.BinaryField(max_length=32, null=True, blank=True)
    # Of the stated needs (hardware and software) and of the page.
    hwsw_version = models.PositiveSmallIntegerField(null=True, blank=True)
    ui_version = models.CharField(max_length=32, blank=True, default="")
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=150, default="", blank=True)
    # References only (a reply's id, a file's hash); what is personal is a detail.
    evidence = models.JSONField(default=dict, blank=True)
    # To the details by their names, under the salt ConsentSubject keeps by this ref.
    commitments = models.JSONField(default=dict, blank=True)
    salt_ref = models.UUIDField(null=True, blank=True, editable=False)
    prev_hash = models.BinaryField(max_length=32, editable=False)
    hash = models.BinaryField(max_length=32, editable=False)

    objects = ConsentEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            # Two clerks at once cannot fork a chain. Finds its last event, and all
            # of one customer's.
            models.UniqueConstraint(
                name="consent_event_place", fields=["customer", "seq"]
            ),
            models.CheckConstraint(
                name="consent_event_subject_known",
                condition=Q(subject__in=["e_delivery", "sms", "call"]),
            ),
            models.CheckConstraint(
                name="consent_event_state_known",
                condition=Q(
                    state__in=[
                        "offered",
                        "served",
                        "pending",
                        "granted",
                        "refused",
                        "unproven",
                        "withdrawn",
                        "stale",
                        "expired",
                        "superseded",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="consent_event_method_known",
                condition=Q(
                    method__in=[
                        "import",
                        "agent",
                        "sms_keyword",
                        "reply",
                        "provider",
                        "web",
                        "paper_form",
                        "one_click",
                        "phone",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="consent_event_basis_known",
                condition=Q(
                    basis__in=[
                        "",
                        "esign_consent",
                        "contract",
                        "legal_obligation",
                        "vat_acceptance",
                        "mandate",
                        "promo_consent",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="consent_event_categories_known",
                condition=Q(
                    categories__contained_by=[
                        "bills",
                        "reminders",
                        "contract_notices",
                        "service_news",
                        "offers",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.state} from {self.effective_on}"


class ConsentState(models.Model):
    """Where the history of one customer and subject stands now."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="consent_states"
    )
    subject = models.CharField(max_length=16, choices=Subject)
    state = models.CharField(max_length=16, choices=ConsentEvent.State)
    since = models.DateField()
    categories = ArrayField(
        models.CharField(max_length=20, choices=Category), default=list, blank=True
    )
    address_print = models.BinaryField(max_length=32, null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    hwsw_version = models.PositiveSmallIntegerField(null=True, blank=True)
    event = models.ForeignKey(
        ConsentEvent, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ConsentStateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consent_state_once", fields=["customer", "subject"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.state} since {self.since}"
