"""What can be asked of the service, one file a noun: a function is a method of both clients."""
