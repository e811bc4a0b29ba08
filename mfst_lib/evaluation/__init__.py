"""How good is a tracker? Official scores, runs over many sequences, and their results."""
