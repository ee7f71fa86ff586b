"""The pages of review, by subject."""
