"""Two runs compared: as a page, in a terminal, and as data."""
