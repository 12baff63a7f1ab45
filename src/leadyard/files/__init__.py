"""Reading files that people bring: rows of cells, from text and spreadsheets. No database, no network."""
