"""The pages of docs/questions, made from the claims' files and from what a session found."""
