"""Deployment of a stage into an AWS account: packaged, checked, shown, and then done."""
