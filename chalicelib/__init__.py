"""Pastdue: what the deployed functions run."""
