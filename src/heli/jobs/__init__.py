"""Work in the background and events, both kept in the database of the records and written in the caller's
transaction.

``tasks`` declares and enqueues work, ``events`` tells what happened and calls who subscribed, ``schedules``
is the clock, ``worker`` does it all, and every effect on our own database happens exactly once, also when a
worker is killed.
"""
