"""Heli 合力: an enterprise CRM in which people, process and data are one thing."""

__version__ = "0.1.0"
