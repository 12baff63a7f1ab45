"""The embedded e-mail validator: syntax, the DNS and lists."""
