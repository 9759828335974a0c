"""What Render accepts in a Blueprint, as far as Leitner's use it: keys, plans, references.

Transcribed from https://render.com/docs/blueprint-spec and https://render.com/docs/compute-plans as
they stood in October 2026. `troubles` finds what Render would refuse, or do otherwise than meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

REGIONS = {"oregon", "ohio", "virginia", "frankfurt", "singapore"}
COMPUTE = {"0.5c-512mb", "1c-2g", "2c-4g", "2c-8g", "2c-16g", "4c-8g", "4c-16g", "8c-16g", "8c-32g"}
POSTGRES = {"0.1c-256mb", "0.5c-1g", "1c-2g", "1c-4g", "2c-8g", "2c-16g", "4c-16g", "4c-32g"}
KEY_VALUE = {"256mb", "1g"}
POLICIES = {"allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl", "noeviction"}

ROOT = {"databases", "envVarGroups", "services"}
DATABASE = {"name", "databaseName", "user", "plan", "diskSizeGB", "storageAutoscalingEnabled"} | {
    *("region", "postgresMajorVersion", "ipAllowList", "connectionPool", "readReplicas"),
    "highAvailability",
}
PROGRAM = {"type", "name", "runtime", "plan", "region", "buildCommand", "startCommand", "envVars"}
SERVICE = {
    "web": PROGRAM
    | {"preDeployCommand", "healthCheckPath", "maxShutdownDelaySeconds", "numInstances"},
    "cron": PROGRAM | {"schedule"},
    "keyvalue": {"type", "name", "plan", "region", "maxmemoryPolicy", "ipAllowList"},
}
NEEDED = {
    "web": {"name", "runtime", "buildCommand", "startCommand", "healthCheckPath"},
    "cron": {"name", "runtime", "buildCommand", "startCommand", "schedule"},
    "keyvalue": {"name", "ipAllowList"},
}
# Minute, hour, day of the month, month, day of the week: * or */n, numbers, lists, ranges.
CRON = re.compile(r"((\*(/\d+)?|\d+(-\d+)?(,\d+(-\d+)?)*)( |$)){5}")
# One way to say where a variable comes from, and what belongs to it.
ORIGINS: dict[str, set[str]] = {
    "value": {"key", "value"},
    "generateValue": {"key", "generateValue"},
    "sync": {"key", "sync"},
    "fromDatabase": {"key", "fromDatabase"},
    "fromService": {"key", "fromService"},
    "fromGroup": {"fromGroup"},
}


def troubles(blueprint: dict[str, Any]) -> list[str]:
    """One sentence for each thing that is wrong; none when the Blueprint is sound."""
    found = list(_unknown("the Blueprint", blueprint, ROOT))
    names = [one["name"] for part in ROOT for one in blueprint.get(part, ())]
    found += [f"the name {name} is there twice" for name in names if names.count(name) > 1]
    for database in blueprint.get("databases", ()):
        found += _database(database)
    for group in blueprint.get("envVarGroups", ()):
        found += _group(group)
    for service in blueprint.get("services", ()):
        found += _service(service)
        for variable in service.get("envVars", ()):
            found += _variable(f"{service['name']}: {_named(variable)}", variable, blueprint)
    return found


def _named(variable: dict[str, Any]) -> str:
    return str(variable.get("key") or variable.get("fromGroup"))


def _unknown(where: str, given: dict[str, Any], known: set[str]) -> Iterator[str]:
    yield from (f"{where} has no field {key}" for key in given if key not in known)


def _one_of(where: str, given: dict[str, Any], key: str, known: set[str]) -> Iterator[str]:
    if key in given and given[key] not in known:
        yield f"{where}: {given[key]} is no {key}"


def _database(database: dict[str, Any]) -> Iterator[str]:
    where = f"database {database['name']}"
    yield from _unknown(where, database, DATABASE)
    yield from _one_of(where, database, "plan", POSTGRES)
    yield from _one_of(where, database, "region", REGIONS)
    yield from _one_of(where, database, "connectionPool", {"none", "pgbouncer"})
    size = database.get("diskSizeGB", 1)
    if size != 1 and size % 5:
        yield f"{where}: diskSizeGB is neither 1 nor a multiple of 5"
    if database.get("readReplicas") and size < 10:
        yield f"{where}: a read replica needs at least 10 GB"
    if not isinstance(database.get("postgresMajorVersion", ""), str):
        yield f"{where}: postgresMajorVersion is a text"
    if database.get("ipAllowList") != []:
        yield f"{where} can be reached from the whole internet"


def _group(group: dict[str, Any]) -> Iterator[str]:
    where = f"group {group['name']}"
    yield from _unknown(where, group, {"name", "envVars"})
    for variable in group["envVars"]:
        if not set(variable) <= {"key", "value", "generateValue"}:
            yield f"{where}: {_named(variable)} cannot be asked for or referred to in a group"


def _service(service: dict[str, Any]) -> Iterator[str]:
    kind, where = service["type"], service["name"]
    yield from _unknown(where, service, SERVICE.get(kind, set()))
    yield from _one_of(where, service, "plan", KEY_VALUE if kind == "keyvalue" else COMPUTE)
    yield from _one_of(where, service, "region", REGIONS)
    yield from _one_of(where, service, "maxmemoryPolicy", POLICIES)
    yield from _one_of(where, service, "runtime", {"python"})
    missing = sorted(NEEDED.get(kind, set()) - set(service))
    yield from (f"{where} needs {key}" for key in missing)
    if kind == "cron" and not CRON.fullmatch(service.get("schedule", "")):
        yield f"{where}: {service.get('schedule')} is no schedule"
    if not 1 <= service.get("maxShutdownDelaySeconds", 30) <= 300:
        yield f"{where}: maxShutdownDelaySeconds is not between 1 and 300"


def _variable(where: str, variable: dict[str, Any], blueprint: dict[str, Any]) -> Iterator[str]:
    origins = [origin for origin in ORIGINS if origin in variable]
    if len(origins) != 1 or set(variable) != ORIGINS[origins[0]]:
        yield f"{where} needs one origin"
        return
    given = variable[origins[0]]
    if origins[0] == "value" and not isinstance(given, str):
        yield f"{where}: a value is a text"
    if origins[0] == "sync" and given is not False:
        yield f"{where}: sync can only be false"
    if origins[0] == "fromGroup" and given not in _names(blueprint, "envVarGroups"):
        yield f"{where}: there is no group {given}"
    if origins[0] == "fromDatabase":
        yield from _from_database(where, given, blueprint)
    if origins[0] == "fromService":
        yield from _from_service(where, given, blueprint)


def _names(blueprint: dict[str, Any], part: str) -> set[str]:
    return {one["name"] for one in blueprint.get(part, ())}


def _from_database(where: str, given: dict[str, Any], blueprint: dict[str, Any]) -> Iterator[str]:
    databases = {one["name"]: one for one in blueprint.get("databases", ())}
    replicas = {r["name"] for one in databases.values() for r in one.get("readReplicas", ())}
    if given.get("name") not in databases.keys() | replicas:
        yield f"{where}: there is no database {given.get('name')}"
    elif given.get("property") == "connectionPoolString":
        if databases.get(given["name"], {}).get("connectionPool") != "pgbouncer":
            yield f"{where}: {given['name']} has no connection pool"
    elif given.get("property") != "connectionString":
        yield f"{where}: {given.get('property')} is no property of a database"


def _from_service(where: str, given: dict[str, Any], blueprint: dict[str, Any]) -> Iterator[str]:
    services = {one["name"]: one for one in blueprint["services"]}
    service = services.get(given.get("name", ""))
    if service is None or service["type"] != given.get("type"):
        yield f"{where}: there is no {given.get('type')} {given.get('name')}"
    elif "envVarKey" in given:
        known = {_named(variable) for variable in service.get("envVars", ())}
        if given["envVarKey"] not in known | {"RENDER_EXTERNAL_HOSTNAME"}:
            yield f"{where}: {given['name']} has no variable {given['envVarKey']}"
    elif given.get("property") != "connectionString" or service["type"] != "keyvalue":
        yield f"{where}: {given.get('property')} is no property of a {given.get('type')}"
