"""An external e-mail verifier: a Reacher server of your own."""
