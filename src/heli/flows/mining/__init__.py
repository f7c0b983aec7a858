"""Reading and measuring logs of processes, our own and others': pure, in columns, deterministic. No Django."""
