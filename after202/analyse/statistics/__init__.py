"""The statistics, each formula in a module of its own."""
