"""Django finds the object types' tables here; they are declared one file each in ``objects``."""

from heli.crm.objects import *  # noqa: F403
