"""Requests and answers as models: what validates and shapes them is also what the document says."""
