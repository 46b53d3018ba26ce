"""One recording's labels, repaired: by the published rule, or as the best path."""
