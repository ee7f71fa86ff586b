"""Makes the data of the model studio; never imported at request time."""
