"""What should the caller hear next? Pure: no input, no output, no clock, the standard library only."""
