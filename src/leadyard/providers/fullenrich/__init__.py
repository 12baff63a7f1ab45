"""FullEnrich: e-mails and phone numbers, ordered now and collected later."""
