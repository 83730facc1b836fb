"""The tables of reference rates that are shipped, one TOML file each (R4.4)."""
