"""Asking for access, lending it for a while, ending it: requests, loans, break-glass."""
