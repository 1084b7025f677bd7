"""The harness: one half measures, the other analyses, and only files pass between them."""
