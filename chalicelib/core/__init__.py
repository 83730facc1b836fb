"""Pure rules over plain values: standard library only, no clock, no input or output."""
