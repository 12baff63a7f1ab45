"""The operations on imports."""

from __future__ import annotations

from leadyard.api import import_schemas as shapes
from leadyard.api.openapi import bodies
from leadyard.api.openapi.operations import (
    ESTIMATED_WORK,
    REPLAYED,
    SPENDING,
    Operation,
    Success,
    page_parameters,
    path_parameter,
    query_parameter,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE, ENTRIES_PAGE_SIZE
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode
from leadyard.domain.imports import RowVerdict

IMPORTS = "Imports"

_ID = path_parameter("id", "Import id")
_ROW = path_parameter("row", "The row's number in a spreadsheet")
_VERDICT = query_parameter(
    "verdict",
    "Only rows with this verdict.",
    enum=[verdict.value for verdict in RowVerdict if verdict is not RowVerdict.HEADER],
)
_FILE_NAME = query_parameter("file_name", "What the file is called. A form tells it itself.", maxLength=2_000)
_ENCODING = query_parameter(
    "encoding", "The encoding of a text, if it is not to be guessed.", maxLength=2_000
)

IMPORT_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/imports",
        "uploadImport",
        Scope.LISTS_WRITE,
        "Send a file of leads: CSV, TSV or XLSX",
        (IMPORTS,),
        {201: Success("The import, its columns guessed", shapes.ImportDetailView, ("Location", REPLAYED))},
        (_FILE_NAME, _ENCODING),
        file_types=("application/octet-stream",),
    ),
    Operation(
        "get",
        "/imports",
        "listImports",
        Scope.LISTS_READ,
        "List imports, newest first",
        (IMPORTS,),
        {200: Success("A page of imports", shapes.ImportsView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "get",
        "/imports/{id}",
        "getImport",
        Scope.LISTS_READ,
        "Read an import",
        (IMPORTS,),
        {200: Success("The import", shapes.ImportDetailView)},
        (_ID,),
    ),
    Operation(
        "patch",
        "/imports/{id}",
        "updateImport",
        Scope.LISTS_WRITE,
        "Say what the columns are and where the rows go, or cancel",
        (IMPORTS,),
        {200: Success("The import", shapes.ImportDetailView)},
        (_ID,),
        body=bodies.ImportChangesBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.GONE, ErrorCode.MISSING_FIELD),
    ),
    Operation(
        "get",
        "/imports/{id}/rows",
        "listImportRows",
        Scope.LISTS_READ,
        "List the rows of the file",
        (IMPORTS,),
        {200: Success("A page of rows", shapes.ImportRowsView)},
        (_ID, _VERDICT, *page_parameters(ENTRIES_PAGE_SIZE)),
    ),
    Operation(
        "patch",
        "/imports/{id}/rows/{row}",
        "mendImportRow",
        Scope.LISTS_WRITE,
        "Write cells of a row, or leave it out",
        (IMPORTS,),
        {200: Success("The row", shapes.ImportRowView)},
        (_ID, _ROW),
        body=bodies.ImportRowChangesBody,
        errors=(ErrorCode.CONFLICT,),
    ),
    Operation(
        "post",
        "/imports/{id}/start",
        "startImport",
        Scope.LISTS_WRITE,
        "Begin to add the rows, or go on where it was paused",
        (IMPORTS,),
        {202: Success("The import", shapes.ImportView, (REPLAYED,)), 200: ESTIMATED_WORK},
        (_ID, *SPENDING),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(ErrorCode.CONFLICT, ErrorCode.GONE),
    ),
    Operation(
        "get",
        "/imports/{id}/refused",
        "getRefusedRows",
        Scope.LISTS_READ,
        "Get the rows that were not imported, with the reason of each",
        (IMPORTS,),
        {200: Success("A CSV file", media_types=("text/csv",))},
        (_ID,),
    ),
    Operation(
        "post",
        "/imports/{id}/undo",
        "undoImport",
        Scope.LISTS_WRITE,
        "Take back what the import has added, within a day",
        (IMPORTS,),
        {200: Success("The import", shapes.ImportView, (REPLAYED,))},
        (_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(ErrorCode.CONFLICT,),
    ),
)
