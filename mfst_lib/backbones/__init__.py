"""The networks we look through: definitions, taps, weights, and what runs them."""
