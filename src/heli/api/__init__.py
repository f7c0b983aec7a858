"""The HTTP API and the only maker of a viewer."""
