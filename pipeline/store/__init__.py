"""Store: the files that a run leaves, and the exports made from them."""
