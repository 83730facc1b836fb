"""The HTTP edge: one blueprint per noun."""
