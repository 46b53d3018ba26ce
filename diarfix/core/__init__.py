"""The pure core: frozen NumPy columns in, frozen NumPy columns out. No files, no printing."""
