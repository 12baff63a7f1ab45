"""JSON in and out: parse, one action, render."""
