"""What staff fill in about a reply."""

from __future__ import annotations

from django import forms

from customers.models import Customer


class WhoseForm(forms.Form):
    """Whose a reply is that came from an address nobody knows."""

    number = forms.CharField(
        label="Customer number",
        max_length=64,
        error_messages={"required": "Give the customer's number."},
    )

    def clean_number(self) -> Customer:
        """Return the customer with this number."""
        number = self.cleaned_data["number"].strip()
        customer = Customer.objects.filter(number=number).first()
        if customer is None:
            raise forms.ValidationError(
                f"No customer has the number “{number}”. Look it up under Customers."
            )
        return customer
