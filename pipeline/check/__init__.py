"""Check: the equations of a schema, evaluated on a matrix."""
