"""Who may do what: the permission model. ``core`` decides and explains, ``view`` holds a viewer's rights, ``compile`` says them in SQL."""
