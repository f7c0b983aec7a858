"""What a change would do, before it is done: who gains and loses what, how many records, what breaks.

``terms`` is the algebra of "on which records", ``holdings`` who holds which lines through what, ``delta`` whom a change can
concern at all, ``symbolic`` the difference for everyone, ``counting`` the records behind it, ``corners`` and ``duties`` what
would be wrong afterwards, ``replay`` and ``narrower`` the past under the new rules, ``whatif`` questions without a draft.
"""
