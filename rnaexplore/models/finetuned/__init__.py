"""Models that were fine-tuned: a language model with a head of the user's own, in one folder."""
