"""The print room: letters gathered into runs, printed to files, posted, come back."""
