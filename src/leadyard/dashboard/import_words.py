"""What imports are called on pages."""

from __future__ import annotations

from leadyard.domain.imports import RIDES_ALONG, SKIPPED, ImportStatus, RowVerdict

COLUMN_LABELS = {
    "email": "E-mail",
    "linkedin_url": "LinkedIn profile",
    "title": "Job title",
    "company_name": "Company",
    "company_domain": "Company's domain or website",
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Full name",
    "phone": "Phone",
    "location": "Location",
    "industry": "Industry",
    RIDES_ALONG: "Keep as it is",
    SKIPPED: "Leave out",
}
ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1257": "Baltic (Windows-1257)",
    "mac_roman": "Western European (Mac)",
    "cp932": "Japanese (Shift JIS)",
    "gb18030": "Chinese, simplified (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "cp949": "Korean (Windows-949)",
}
"""Those that can be chosen where the guess is wrong."""
TYPE_LABELS = {
    "email": "E-mail addresses",
    "linkedin": "LinkedIn profiles",
    "titles_and_company": "Titles at companies",
}
VERDICT_LABELS = {
    RowVerdict.READY: "Ready",
    RowVerdict.ADDED: "Added",
    RowVerdict.FAULTY: "To be mended",
    RowVerdict.DUPLICATE_IN_FILE: "Twice in the file",
    RowVerdict.DUPLICATE_IN_LIST: "In the list already",
    RowVerdict.OVER_CAPACITY: "Beyond the list's room",
    RowVerdict.SUPPRESSED: "Excluded",
    RowVerdict.LEFT_OUT: "Left out",
    RowVerdict.UNCHECKED: "Not checked",
    RowVerdict.ERASED: "Erased",
}
LISTED_STATUSES = {
    ImportStatus.UPLOADED: ("Columns to be matched", "amber"),
    ImportStatus.MAPPED: ("Being checked", "blue"),
    ImportStatus.CHECKED: ("To be reviewed", "amber"),
    ImportStatus.IMPORTING: ("Importing", "blue"),
    ImportStatus.PAUSED: ("Paused", "amber"),
    ImportStatus.COMPLETED: ("Imported", "green"),
    ImportStatus.CANCELED: ("Canceled", ""),
    ImportStatus.FAILED: ("Failed", "red"),
}
