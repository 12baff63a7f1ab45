"""The operations on the service itself."""

from __future__ import annotations

from leadyard.api import schemas
from leadyard.api.docs import ASSETS, HTML
from leadyard.api.openapi.operations import (
    Operation,
    Success,
    path_parameter,
)
from leadyard.api.wire import JSON

SERVICE = "Service"
_FILE_TYPES = tuple(sorted({asset.media_type for asset in ASSETS.values()}))

SERVICE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/healthz",
        "checkProcess",
        "Ask whether the process lives",
        (SERVICE,),
        {200: Success("It does", schemas.HealthView)},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/readyz",
        "checkReady",
        "Ask whether the database is reachable and migrated",
        (SERVICE,),
        {200: Success("It is", schemas.HealthView)},
        needs_key=False,
    ),
    Operation(
        "get",
        "/metrics",
        "getMetrics",
        "Read the metrics of the process, for Prometheus",
        (SERVICE,),
        {200: Success("Prometheus text", media_types=("text/plain",))},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/openapi.json",
        "getOpenapi",
        "Read this document",
        (SERVICE,),
        {200: Success("This document", media_types=(JSON,))},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs",
        "getDocs",
        "Open the reference page",
        (SERVICE,),
        {200: Success("The page", media_types=(HTML,)), 304: Success("Not changed", media_types=())},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs/{file}",
        "getDocsFile",
        "Load a file of the reference page",
        (SERVICE,),
        {
            200: Success("The file", media_types=_FILE_TYPES),
            304: Success("Not changed", media_types=()),
        },
        (path_parameter("file", "Its name", enum=list(ASSETS)),),
        needs_key=False,
        reads_database=False,
    ),
)
