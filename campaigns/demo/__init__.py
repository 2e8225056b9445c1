"""The demo company: a made-up utility with customers, bills and a past of its own."""
