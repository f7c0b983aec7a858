"""Who holds what, who sees what, now and on an earlier day: questions over everybody at once."""
