"""Paid services on loopback, one module each, that sell what they know and count what they sold.

They speak the public APIs of the services they are named after, and can be told to misbehave.
"""
