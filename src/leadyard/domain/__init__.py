"""The rules: what a lead is, when two are the same, what they cost. No I/O, no framework, no clock."""
