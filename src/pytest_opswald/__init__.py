"""Golden-trace regression testing for LLM agents."""
