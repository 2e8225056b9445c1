"""The pages of staff: each view is a form, a verb and a redirect, or a page."""
