"""The client of the Opswald API: `OpsClient` and `AsyncOpsClient`."""
