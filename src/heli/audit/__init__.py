"""The audit log: who did what to which object, chained so that no later change of it stays unseen.

``log`` is the only writer, ``entries`` the reader, ``verify`` the proof.
"""
