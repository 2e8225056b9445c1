"""What comes in from providers and customers."""
