"""Borders to other systems."""
