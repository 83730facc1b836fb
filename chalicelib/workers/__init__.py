"""The handlers that are not HTTP: one module each."""
