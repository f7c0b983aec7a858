"""Settings, the command line and the server: the outermost layer."""
