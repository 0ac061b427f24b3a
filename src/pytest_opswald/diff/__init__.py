"""Two traces in, data out."""
