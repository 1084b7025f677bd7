"""For some claims, an app that behaves otherwise: the same experiment comes out otherwise."""
