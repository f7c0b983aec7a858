"""Processes: definitions that people draw, and instances that move work from one person to the next."""
