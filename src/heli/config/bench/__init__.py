"""Measurements, one module each: ``add(parser)`` and ``run(args) -> dict``, printed by ``heli bench NAME``.

Each works in a folder and databases of its own that are gone afterwards; the installation's data is never touched.
"""
