"""Hunter: e-mails of persons, persons of e-mails, and verdicts on e-mails."""
