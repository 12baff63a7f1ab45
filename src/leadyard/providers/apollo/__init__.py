"""Apollo: persons with their work e-mails and companies."""
