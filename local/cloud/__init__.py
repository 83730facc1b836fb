"""The local cloud: the packaged app, deployed by CloudFormation into an AWS emulator on loopback.

`local.cloud.machine.local_cloud` is the one way in; the other modules are its parts.
"""
