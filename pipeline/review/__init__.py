"""Review: the web page on which people confirm doubtful cells; the only writer of corrections and leases."""
