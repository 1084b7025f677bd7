"""The pages of docs/strategies, made from the strategies' files and a run of all of them."""
