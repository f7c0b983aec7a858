"""The product as declarations: object types, verbs, roles, profiles of imports, and the demo company."""
