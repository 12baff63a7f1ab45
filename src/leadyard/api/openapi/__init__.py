"""The OpenAPI document: a table of operations, and what is made of it."""
