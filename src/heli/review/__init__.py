"""Looking again at what was given: use of grants, campaigns, leaving and moving."""
