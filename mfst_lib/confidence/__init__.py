"""How sure may the tracker be of its box? Evidence from a frame, made into a probability."""
