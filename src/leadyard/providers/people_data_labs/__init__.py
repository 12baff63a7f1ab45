"""People Data Labs: persons with their e-mails, phone numbers and companies."""
