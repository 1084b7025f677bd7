"""The load: its generator, the turns that trials take, and the gates of a valid trial."""
