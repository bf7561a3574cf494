"""Canon: schemas, and the alignment of tables and token sequences with them."""
