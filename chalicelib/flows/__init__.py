"""Use cases: gather through ports, call the core, apply through ports."""
