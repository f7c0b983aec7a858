"""Changing what people may do: drafts, what they would do, promises they must keep, publishing and rolling back.

``change`` is one thing made different; ``company`` tries changes on a copy held in memory; ``apply`` writes them;
``drafts`` is the verbs; ``simulate`` says who gains and who loses what.
"""
