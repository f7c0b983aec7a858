"""Records: object types, the read door (``store``) and the write door (``act``)."""
