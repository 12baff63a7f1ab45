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
        None,
        "Ask whether the process lives",
        (SERVICE,),
        {200: Success("It does", schemas.HealthView)},
        reads_database=False,
    ),
    Operation(
        "get",
        "/readyz",
        "checkReady",
        None,
        "Ask whether the database is reachable and migrated",
        (SERVICE,),
        {200: Success("It is", schemas.HealthView)},
    ),
    Operation(
        "get",
        "/metrics",
        "getMetrics",
        None,
        "Read the metrics of the process, for Prometheus",
        (SERVICE,),
        {200: Success("Prometheus text", media_types=("text/plain",))},
        reads_database=False,
    ),
    Operation(
        "get",
        "/openapi.json",
        "getOpenapi",
        None,
        "Read this document",
        (SERVICE,),
        {200: Success("This document", media_types=(JSON,))},
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs",
        "getDocs",
        None,
        "Open the reference page",
        (SERVICE,),
        {200: Success("The page", media_types=(HTML,)), 304: Success("Not changed", media_types=())},
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs/{file}",
        "getDocsFile",
        None,
        "Load a file of the reference page",
        (SERVICE,),
        {
            200: Success("The file", media_types=_FILE_TYPES),
            304: Success("Not changed", media_types=()),
        },
        (path_parameter("file", "Its name", enum=list(ASSETS)),),
        reads_database=False,
    ),
)
