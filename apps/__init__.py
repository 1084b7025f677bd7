"""The API: one small FastAPI application per strategy."""
