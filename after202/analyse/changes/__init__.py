"""What changed between two runs: settings, guarantees, speed. The unit is the trial."""
