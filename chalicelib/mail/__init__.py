"""Notices: templates, rendering and sending through SES."""
