"""What experts read, folded: a file each, with a `PLACE` and `fold(reported)`, a Fold or None."""
