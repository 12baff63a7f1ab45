"""The OpenAPI document tells the truth: about routes, shapes, errors, limits and examples."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.api.support import UNKNOWN_ID, until_ended, with_settings
from tests.support.installation import TEST_KEY, Client, Service, add_leads, create_list
from tests.support.served import serve

import leadyard
from leadyard.api.application import HANDLERS, make_routes
from leadyard.api.errors import STATUSES
from leadyard.api.openapi.document import encoded_document
from leadyard.domain.capacity import Limits
from leadyard.domain.errors import ErrorCode

ADD_LEADS = "/lead-lists/{id}/leads"
JSON_TYPES = ["application/json", "application/vnd.amp+json"]
OWNER_OF_EXAMPLES = "admin@leadyard.example"
FUZZER = Path(sys.executable).with_name("schemathesis")
# What no schema can say: an owner must be a user, a cursor an item, a LinkedIn URL a person's, and so on.
# What is deleted is answered with 410 before its body is looked at.
REFUSED = ["400", "401", "402", "403", "404", "409", "410", "422"]
# They would end the key that asks.
ENDING_THE_KEY = ("revokeApiKey", "rotateApiKey")
# Tokens that it invents, and dry runs, would keep it from making anything.
FUZZER_SETTINGS = f"""
[parameters]
"header.Estimate-Token" = ""
"query.dry_run" = "false"

[checks]
positive_data_acceptance.expected-statuses = {["2xx", *REFUSED]}
negative_data_rejection.expected-statuses = {[*REFUSED, "413", "415"]}
"""

Json = dict[str, Any]


@pytest.fixture
def database_kind() -> str:
    """The document has nothing to do with the database."""
    return "sqlite"


@pytest.fixture(scope="module")
def document() -> Json:
    """The document with the limits that a new installation has."""
    return cast(Json, json.loads(encoded_document(Limits(), 64 * 1024 * 1024)))


@pytest.fixture
async def anybody(service: Service) -> AsyncIterator[Client]:
    """A client without a key."""
    async with service.client(None) as http:
        yield http


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def resolve(document: Json, node: Json) -> Json:
    """The node itself, or what it points to."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def validator(document: Json, schema: Json) -> Any:
    whole = {**schema, "components": document["components"]}
    return OAS31Validator(whole, format_checker=oas31_format_checker)


def unnamed(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def examples(document: Json) -> Iterator[tuple[Json, Json]]:
    """Every example with its schema, wherever it stands."""
    waiting: list[Any] = [document["paths"], document["components"]["responses"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and "examples" in node and "schema" in node:
            for example in node["examples"].values():
                yield example["value"], node["schema"]
        elif isinstance(node, (dict, list)):
            waiting.extend(node.values() if isinstance(node, dict) else node)


def error_codes(document: Json, responses: dict[str, Json]) -> set[tuple[str, int]]:
    """Codes and statuses that the examples of some answers show."""
    found = set()
    for status, response in responses.items():
        content = resolve(document, response).get("content", {})
        for example in content.get("application/json", {}).get("examples", {}).values():
            for error in example["value"].get("_errors", []):
                found.add((error["code"], int(status)))
    return found


def codes_in_source() -> set[str]:
    """Codes that a fault is made with anywhere in the package, but for the examples."""
    codes = set()
    for path in Path(leadyard.__file__).parent.rglob("*.py"):
        if path.parts[-2:] == ("openapi", "examples.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("Fault"), [ast.Attribute(ast.Name("ErrorCode"), name), *_]):
                    codes.add(name.lower())
    return codes


def test_document_is_valid_openapi(document: Json) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_document_names_service_version_and_license(document: Json) -> None:
    info = document["info"]
    assert (info["title"], info["version"]) == ("Leadyard", leadyard.__version__)
    assert info["license"]["identifier"] == "Apache-2.0"
    assert document["servers"] == [{"url": "/"}]


def test_operations_are_exactly_the_routes(document: Json) -> None:
    routes = {
        (method.lower(), unnamed(route.path_format))
        for route in make_routes(HANDLERS).routes
        for method in cast(Any, route).methods
        if method != "OPTIONS"
    }
    assert {(method, unnamed(path)) for method, path, _ in operations(document)} == routes


async def test_document_is_served_without_a_key(anybody: Client, document: Json) -> None:
    answer = await anybody.get("/openapi.json", headers={"Accept": "application/vnd.amp+json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document


async def test_what_needs_no_key_says_so(anybody: Client, document: Json) -> None:
    assert document["security"] == [{"bearerAuth": []}]
    assert document["components"]["securitySchemes"]["bearerAuth"] == {"type": "http", "scheme": "bearer"}
    for method, path, operation in operations(document):
        answer = await anybody.request(method, path.replace("{", "").replace("}", ""))
        assert (answer.status_code == 401) == (operation["security"] != []), path
        scope = operation.get("security")
        assert scope == [] or scope == [{"bearerAuth": [operation["description"].split("`")[1]]}]


def test_every_code_that_is_answered_is_documented(document: Json) -> None:
    shown = set()
    for _, _, operation in operations(document):
        shown |= error_codes(document, operation["responses"])
    method_not_allowed = resolve(document, {"$ref": "#/components/responses/method_not_allowed"})
    shown |= error_codes(document, {"405": method_not_allowed})
    assert {code for code, _ in shown} == codes_in_source()
    assert all(STATUSES[ErrorCode(code)] == status for code, status in shown)


def test_introduction_lists_every_code_with_its_status(document: Json) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+) \|$", document["info"]["description"], re.M)
    assert {code for code, _, _ in rows} == codes_in_source()
    for code, status, title in rows:
        assert STATUSES[ErrorCode(code)] == int(status)
        assert title == code.replace("_", " ").title()


def test_examples_of_adding_leads_are_the_documented_ones(document: Json) -> None:
    known = json.loads(Path(__file__).with_name("add_leads_examples.json").read_text("utf-8"))
    assert sum(len(named) for named in known.values()) == 18
    for status, named in known.items():
        response = document["paths"][ADD_LEADS]["post"]["responses"][status]
        shown = response["content"]["application/json"]["examples"]
        bodies = {name: json.dumps(shown[name]["value"]) for name in named}
        assert bodies == {name: json.dumps(body) for name, body in named.items()}


def test_every_example_fits_its_schema(document: Json) -> None:
    found = list(examples(document))
    assert len(found) > 50
    for value, schema in found:
        validator(document, schema).validate(value)


def test_everything_is_closed_but_leads(document: Json) -> None:
    schemas = document["components"]["schemas"]
    bodies = 0
    for _, _, operation in operations(document):
        if "requestBody" in operation and operation["operationId"] != "uploadImport":
            content = operation["requestBody"]["content"]
            assert list(content) == JSON_TYPES
            assert resolve(document, content[JSON_TYPES[0]]["schema"])["additionalProperties"] is False
            bodies += 1
    assert bodies == 32
    open_ones = {name for name, schema in schemas.items() if schema.get("additionalProperties") is not False}
    assert open_ones == {"lead", "email_verdict", "email_to_validate", "person_to_find"}
    assert schemas["lead_list_entry"]["properties"]["data"]["additionalProperties"] == {}


def test_errors_have_one_shape_in_both_media_types(document: Json) -> None:
    for _, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = resolve(document, response)["content"]
                assert list(content) == JSON_TYPES, path
                for media_type in content.values():
                    assert media_type["schema"] == {"$ref": "#/components/schemas/response_errors_object"}


def test_answers_have_their_headers(document: Json) -> None:
    for _, path, operation in operations(document):
        for status, response in operation["responses"].items():
            headers = resolve(document, response)["headers"]
            assert headers.keys() >= {"X-Request-Id", "RateLimit", "RateLimit-Policy"}, (path, status)
            assert ("Retry-After" in headers) >= (status in ("429", "503"))
    responses = document["paths"][ADD_LEADS]["post"]["responses"]
    assert responses["202"]["headers"].keys() >= {"Location", "Idempotent-Replayed"}
    created = document["paths"]["/lead-lists"]["post"]["responses"]["202"]
    assert created["headers"].keys() >= {"Location", "Retry-After", "Idempotent-Replayed"}
    assert "Retry-After" in responses["409"]["headers"]


def test_parameters_are_documented(document: Json) -> None:
    def names(path: str, method: str) -> list[str]:
        found = document["paths"][path][method].get("parameters", [])
        return [resolve(document, parameter)["name"] for parameter in found]

    page = ["page[size]", "page[after]", "page[before]"]
    filters = ["status", "type", "owner_email", "owner_id", "name", "shared"]
    assert names(ADD_LEADS, "post") == ["id", "dry_run", "Estimate-Token", "Idempotency-Key"]
    assert names("/lead-lists", "get") == [*filters, *page]
    assert names("/lead-lists/{id}", "get") == ["id", *page]
    for path in ("/users", "/credits/entries"):
        assert names(path, "get") == page
    for method, path, _ in operations(document):
        assert ("Idempotency-Key" in names(path, method)) == (method == "post")


@with_settings(max_leads_per_request=1_234, max_leads_per_list=5_678, max_body_bytes=9_999)
async def test_limits_are_those_in_force(anybody: Client) -> None:
    text = (await anybody.get("/openapi.json")).text
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    for name in ("add_leads_body", "create_lead_list_body", "normalize_body", "person_enrichment_body"):
        assert schemas[name]["properties"]["leads"]["maxItems"] == 1_234
    assert "10,000" not in text
    assert "60,000" not in text
    for said in ("1,234 limit", "of 5,678 leads per list", "exceeds 9,999 bytes"):
        assert said in text


async def check(document: Json, answer: httpx2.Response, path: str) -> Any:
    """Requires an answer to be what the document says of its operation; returns its body."""
    method = answer.request.method.lower()
    response = resolve(document, document["paths"][path][method]["responses"][str(answer.status_code)])
    for name, header in response["headers"].items():
        assert name in answer.headers or not resolve(document, header).get("required"), name
    if "content" not in response:
        assert answer.content == b""
        return None
    schema = response["content"][answer.headers["content-type"]]["schema"]
    body = answer.json()
    validator(document, schema).validate(body)
    return body


async def test_answers_are_as_documented(client: Client, service: Service, document: Json) -> None:
    every = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
    created = await create_list(client, "email", [{"email": "jane@example.com"}], options=every)
    one, path = f"/lead-lists/{created['id']}", "/lead-lists/{id}"
    leads = [{"email": "JANE@example.com"}, {"email": "joe@example.com", "tags": [1.5, {"a": None}]}]
    added = await add_leads(client, created["id"], "email", [*leads, *leads])
    await check(document, added, ADD_LEADS)
    addition = await check(
        document, await client.get(added.headers["location"]), f"{path}/additions/{{addition_id}}"
    )
    assert [lead["outcome"] for lead in addition["leads"]] == [
        "duplicate_in_list",
        "duplicate_in_batch",
        "duplicate_in_batch",
    ]
    body = {"type": "email", "leads": leads}
    await check(document, await client.post(f"{one}/leads?dry_run=true", json=body), ADD_LEADS)
    await service.until_completed(client, created["id"])
    found = await check(document, await client.get(f"{one}?page[size]=1"), path)
    assert found["leads"][0]["email_validation_result"] is not None
    assert "next" in found["_links"]
    entry = await client.get(f"{one}/entries/{found['leads'][0]['id']}")
    await check(document, entry, f"{path}/entries/{{entry_id}}")
    for other in ("/lead-lists", "/users", "/account-info", "/credits", "/credits/entries", "/readyz"):
        await check(document, await client.get(other), other)
    normalized = await client.post("/normalize", json={**body, "leads": [*leads, {}, 7]})
    await check(document, normalized, "/normalize")
    grant = {"kind": "phone", "amount": 0.125, "reason": "a test"}
    await check(document, await client.post("/credits/grants", json=grant), "/credits/grants")
    for path_of, member, value in (
        ("/excluded-emails", "email", "jim@example.org"),
        ("/excluded-domains", "domain", "example.org"),
    ):
        items = {path_of[1:].replace("-", "_"): [{member: value}, value]}
        await check(document, await client.post(path_of, json=items), path_of)
        await check(document, await client.get(path_of), path_of)
        await check(document, await client.request("DELETE", path_of, json=items), path_of)
    export = await client.get(f"/people/{found['leads'][0]['person_id']}/export")
    assert (await check(document, export, "/people/{id}/export"))["leads"] != []
    erased = await client.post("/erasures", json={"email": "jane@example.com"})
    assert (await check(document, erased, "/erasures"))["entries"] == 1
    await check(document, await client.get("/erasures"), "/erasures")
    await check(document, await client.patch(one, json={"name": "Other", "options": {}}), path)
    await check(document, await client.delete(one), path)
    await check(document, await client.get(one), path)
    await check(document, await client.get(f"/lead-lists/{UNKNOWN_ID}"), path)


async def test_answers_about_people_and_batches_are_as_documented(
    client: Client, service: Service, document: Json
) -> None:
    validations, people = "/email-validations", "/people/enrichment-requests"
    bodies = {
        validations: {"emails": ["jane@example.com", {"email": "joe@example.com"}]},
        people: {"leads": [{"email": "jane@example.com"}, {"linkedin_url": "linkedin.com/in/notfound"}]},
    }
    for path, body in bodies.items():
        started = await client.post(path, json=body)
        await check(document, started, path)
        one = started.headers["location"]
        await check(document, await client.get(one), f"{path}/{{id}}")
        await until_ended(service, client, one)
        page = await check(document, await client.get(f"{one}?page[size]=1"), f"{path}/{{id}}")
        assert (len(page["results"]), "next" in page["_links"]) == (1, True)
        await check(document, await client.patch(one, json={"status": "canceled"}), f"{path}/{{id}}")
        await check(document, await client.get(f"{path}/{UNKNOWN_ID}"), f"{path}/{{id}}")
    for query in (
        "email=jane@example.com&reveal_phone_numbers=true",
        "linkedin_url=linkedin.com/in/notfound",
        "linkedin_url=linkedin.com/in/unavailable",
        "name=Jane",
        "email=jane",
    ):
        await check(document, await client.get(f"/people/find?{query}"), "/people/find")
    for query in ("domain=acme.example", "domain=notfound.example", "", "domain=com"):
        await check(document, await client.get(f"/companies/find?{query}"), "/companies/find")


def test_fuzzing_finds_nothing(tmp_path: Path) -> None:
    """Schemathesis asks every operation for what the document allows and for what it does not."""
    (tmp_path / "schemathesis.toml").write_text(FUZZER_SETTINGS)
    with serve(tmp_path, admin_email=OWNER_OF_EXAMPLES) as served:
        done = subprocess.run(
            [
                FUZZER,
                "run",
                f"{served.url}/openapi.json",
                f"--header=Authorization: Bearer {TEST_KEY}",
                "--checks=all",
                *(f"--exclude-operation-id={each}" for each in ENDING_THE_KEY),
                "--max-examples=8",
                "--seed=1",
                "--workers=1",
                "--generation-deterministic",
                "--no-color",
                "--warnings=off",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "unexpected_error" not in served.process.log()
        headers = {"Authorization": f"Bearer {TEST_KEY}"}
        made = httpx2.get(f"{served.url}/lead-lists", headers=headers, trust_env=False).json()
        assert made["lead_lists"] != []
