"""Checks a value against a schema of schemas/openapi.yaml: the part of JSON Schema that file uses, and no member it does not name."""

import os
import re

import yaml

with open(os.path.join(os.environ["TT_SOURCE_DIR"], "schemas/openapi.yaml"), encoding="utf-8") as f:
    API = yaml.safe_load(f)

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def resolve(schema):
    while "$ref" in schema:
        node = API
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def flatten(schema):
    """allOf as one schema."""
    schema = resolve(schema)
    if "allOf" not in schema:
        return schema
    out = {k: v for k, v in schema.items() if k != "allOf"}
    for part in schema["allOf"]:
        part = flatten(part)
        for key, value in part.items():
            if key == "properties":
                out["properties"] = {**out.get("properties", {}), **value}
            elif key == "required":
                out["required"] = out.get("required", []) + value
            else:
                out.setdefault(key, value)
    return out


def check(value, schema, where="$"):
    """Faults, as text; none when it fits."""
    schema = flatten(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where}: null"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        return [f"{where}: {value!r} is not {kind}"]
    faults = []
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{where}: {value!r} is none of {schema['enum']}")
    if schema.get("format") == "date-time" and not TIME.match(value):
        faults.append(f"{where}: {value!r} is no time")
    if "minimum" in schema and value < schema["minimum"] or "maximum" in schema and value > schema["maximum"]:
        faults.append(f"{where}: {value!r} is out of range")
    if kind == "array":
        for i, item in enumerate(value):
            faults += check(item, schema["items"], f"{where}[{i}]")
    if kind == "object" and "properties" in schema:
        faults += [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in schema["properties"]:
                faults += check(item, schema["properties"][name], f"{where}.{name}")
            else:
                faults.append(f"{where}.{name}: not in the contract")
    return faults


def answer_schema(method, path, status):
    """The schema of an answer; None when it has no body."""
    answer = resolve(API["paths"][path][method.lower()]["responses"][str(status)])
    for media in answer.get("content", {}).values():
        return media["schema"]
    return None


PROBLEM = {"$ref": "#/components/schemas/Problem"}
CHANGE = {"$ref": "#/components/schemas/Change"}
