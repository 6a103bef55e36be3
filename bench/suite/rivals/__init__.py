"""The systems that are measured, piperoll among them."""
