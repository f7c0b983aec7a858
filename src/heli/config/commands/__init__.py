"""The commands of ``heli``: one module each, with ``add(parser)``, ``run(args) -> int`` and its help as docstring."""
