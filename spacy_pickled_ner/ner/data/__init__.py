"""What an NER trains on: gold that is worked out once, varied texts, and the order of an epoch."""
