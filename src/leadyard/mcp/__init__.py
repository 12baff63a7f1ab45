"""What agents can do: the Model Context Protocol over the API, at /mcp and over stdio."""
