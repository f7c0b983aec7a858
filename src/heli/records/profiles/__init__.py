"""Import profiles: YAML that turns a folder of tables into organisation and records. Pure: plans, never writes."""

from __future__ import annotations

from heli.records.profiles.load import load_profile
from heli.records.profiles.model import (
    ORGANISATION,
    FieldMap,
    FilePlan,
    Flag,
    Place,
    Planned,
    Profile,
    Progress,
    Ref,
    Target,
    Value,
)
from heli.records.profiles.run import plan_rows, unread_files
from heli.records.profiles.yaml import ProfileError

__all__ = [
    "ORGANISATION",
    "FieldMap",
    "FilePlan",
    "Flag",
    "Place",
    "Planned",
    "Profile",
    "ProfileError",
    "Progress",
    "Ref",
    "Target",
    "Value",
    "load_profile",
    "plan_rows",
    "unread_files",
]
