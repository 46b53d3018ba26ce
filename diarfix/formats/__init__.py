"""Documents: everything that knows a file format."""
