"""Adapters that know tokens of OpenID Connect: the only package that imports PyJWT."""
