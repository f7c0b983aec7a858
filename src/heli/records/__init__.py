"""Records: object types, fields, and the two doors through which everything is read and written."""
