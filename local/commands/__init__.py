"""The commands of `pastdue`, one module each, loaded when they are asked for."""
