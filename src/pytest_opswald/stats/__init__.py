"""The few formulas behind verdicts on runs that differ from time to time; exact and pure."""
