"""The process in which one query runs. It imports the engine, Arrow and the standard library, nothing of the product:
what it does not hold, no query can reach."""
