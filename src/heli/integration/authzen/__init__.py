"""AuthZEN Authorization API 1.0 out: other programs ask who may do what, and are told as far as they hold ``decide``."""
