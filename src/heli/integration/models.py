"""What other systems call our things."""

from __future__ import annotations

from django.db import models


class AuthzenName(models.Model):
    """What a program that asks for decisions calls a type, its fields and its actions."""

    outside = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=64)
    elsewhere = models.BooleanField(default=False)
    """Its records are kept by the program, which describes each by its properties: ours have no such rows."""
    properties = models.JSONField(default=dict)
    """The program's name of a property -> a field of ours."""
    actions = models.JSONField(default=dict)
    """The program's name of an action -> one of ours."""
