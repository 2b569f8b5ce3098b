"""The science: arrays and data frames in and out; no network, no clock, no global state."""
