"""Stories of whole companies, played over HTTP by the people concerned. Each proves itself: without any one of its rules
it fails. A scenario is a module with ``WORDS``, ``RULES`` and ``play(stage)``."""
