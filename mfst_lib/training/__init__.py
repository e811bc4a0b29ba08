"""Training the weight nets (Sec. 4): material, records, pairs, losses, networks, the loop."""
