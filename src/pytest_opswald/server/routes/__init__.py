"""The paths of the API, a module per resource: read the request, ask storage, answer."""
