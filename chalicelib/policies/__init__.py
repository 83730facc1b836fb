"""Shipped policies and reference-rate tables, each with source and date."""
