"""Pages of this room: thin, form, action, redirect."""
