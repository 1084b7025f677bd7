"""Code that app images and strategies' own environments need; it requires only pydantic."""
