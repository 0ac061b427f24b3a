"""The self-hosted server: `pip install 'pytest-opswald[server]'`, `pytest-opswald serve`."""
