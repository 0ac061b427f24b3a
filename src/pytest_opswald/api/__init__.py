"""Documents of the Opswald REST API, shared by the client and the server.

Shapes follow the vendor's page; where it is silent they follow our contract. Bodies that are sent
to the server refuse keys nobody knows, answers tolerate keys of a later server.
"""
