"""The organisation: departments, positions, people, assignments, reporting lines, projects and deputies.

Read through ``tree`` (as of a moment) and ``people``; change through ``verbs``.
"""
