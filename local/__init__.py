"""The command line and the local cloud; never packaged for Lambda."""
