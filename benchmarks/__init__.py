"""What pytest-opswald costs, measured side by side with what else there is: `make bench`."""
