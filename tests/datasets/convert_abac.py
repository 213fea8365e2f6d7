"""Converts the ABAC policies of ../shared/datasets/abac-policies (format: SOURCE.md there) into policy documents.

Each rule becomes one allow of `everyone` for each resource type that it names (or one on everything), its conditions and
constraints become our conditions. Resources are not registered: they are asked as outside instances, their attributes in the
question. Names become snake_case; `uid` and `rid` are attributes like any other.

    convert_abac.py NAME... [--to FOLDER]
"""

import argparse
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Attributes = dict[str, object]


@dataclass(frozen=True)
class Rule:
    user_conditions: list[str]
    resource_conditions: list[str]
    actions: list[str]
    constraints: list[str]


@dataclass(frozen=True)
class AbacPolicy:
    name: str
    users: dict[str, Attributes]
    resources: dict[str, Attributes]
    rules: list[Rule]
    permitted: set[tuple[str, str, str]]  # user, resource, action

    def actions(self) -> list[str]:
        return sorted({action for rule in self.rules for action in rule.actions})


# ---- reading ---------------------------------------------------------------------------------------------------------


def snake_case(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def read_value(text: str) -> object:
    text = text.strip()
    if text.startswith("{"):
        return [read_value(element) for element in text.strip("{}").split()]
    return {"True": True, "False": False}.get(text, text)


def split_list(text: str) -> list[str]:
    """The parts of a list with commas; sets are written with blanks, so no comma is inside of one."""
    return [part.strip() for part in text.split(",") if part.strip()]


def lines_of(file: Path) -> Iterator[str]:
    opened = lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8")
    with opened:
        for line in opened:
            if line.strip() and not line.startswith("#"):
                yield line.strip()


def read_attributes(file: Path) -> tuple[dict[str, Attributes], dict[str, Attributes]]:
    things = {"userAttrib": {}, "resourceAttrib": {}}
    for line in lines_of(file):
        kind, inside = re.fullmatch(r"(\w+)\s*\((.*)\)", line).groups()
        name, *pairs = split_list(inside)
        attributes = {"uid" if kind == "userAttrib" else "rid": name}
        for pair in pairs:
            attribute, value = pair.split("=", 1)
            attributes[snake_case(attribute.strip())] = read_value(value)
        assert name not in things[kind], f"{file.name}: {name} stands there twice"
        things[kind][name] = attributes
    return things["userAttrib"], things["resourceAttrib"]


def read_rules(file: Path) -> list[Rule]:
    rules = []
    for line in lines_of(file):
        parts = [part.strip() for part in re.fullmatch(r"rule\s*\((.*)\)", line).group(1).split(";")]
        user, resource, actions, constraint = parts[:4]
        assert not any(parts[4:]), line
        named = [snake_case(action) for action in read_value(actions)]
        rules.append(Rule(split_list(user), split_list(resource), named, split_list(constraint)))
    return rules


def read_policy(folder: Path, name: str) -> AbacPolicy:
    users, resources = read_attributes(folder / f"{name}.attributes.txt")
    lists = sorted(folder.glob(f"{name}.acl.txt*"))
    permitted = {(user, resource, snake_case(action)) for user, resource, action in map(split_list, lines_of(lists[0]))}
    return AbacPolicy(name, users, resources, read_rules(folder / f"{name}.rules.txt"), permitted)


# ---- writing ---------------------------------------------------------------------------------------------------------


def condition_on_one(side: str, text: str) -> dict:
    """`a [ {x y}`: the value is one of these; `a ] v`: the set has this element."""
    attribute, operator, value = re.fullmatch(r"(\w+)\s*([\[\]])\s*(.*)", text).groups()
    path = f"{side}.{snake_case(attribute)}"
    if operator == "]":
        return {path: {"$contains": read_value(value)}}
    values = read_value(value)
    return {path: values[0] if len(values) == 1 else {"$in": values}}


def constraint_on_both(text: str) -> dict:
    """A relation between an attribute of the user (left) and one of the resource (right)."""
    operators = {"=": "$eq", ">": "$containsAll", "[": "$in", "]": "$contains"}
    user, operator, resource = re.fullmatch(r"(\w+)\s*([=>\[\]])\s*(\w+)", text).groups()
    return {f"user.{snake_case(user)}": {operators[operator]: {"$ref": f"resource.{snake_case(resource)}"}}}


def all_of(conditions: list[dict]) -> dict:
    merged = {}
    for condition in conditions:
        if merged.keys() & condition.keys():
            return {"$and": conditions}
        merged |= condition
    return merged


def resource_types(rule: Rule) -> tuple[list[str], list[str]]:
    """The types that the rule is about (none: all), and its other conditions on the resource."""
    types, others = [], []
    for condition in rule.resource_conditions:
        about_type = re.fullmatch(r"type\s*\[\s*(\{.*\})", condition)
        if about_type:
            types = [snake_case(name) for name in read_value(about_type.group(1))]
        else:
            others.append(condition)
    return types, others


def permissions_of(number: int, rule: Rule) -> dict[str, dict]:
    types, others = resource_types(rule)
    conditions = all_of(
        [condition_on_one("user", text) for text in rule.user_conditions]
        + [condition_on_one("resource", text) for text in others]
        + [constraint_on_both(text) for text in rule.constraints]
    )
    targets = {f"rule-{number:02}-{name}": (name, f"{name}/*") for name in types} or {f"rule-{number:02}": ("*", "**")}
    return {
        key: {"resource_type": name, "resource_path": path, "actions": rule.actions, "conditions": conditions}
        for key, (name, path) in targets.items()
    }


def document_of(policy: AbacPolicy) -> dict:
    permissions = {}
    for number, rule in enumerate(policy.rules, 1):
        permissions |= permissions_of(number, rule)
    return {
        "version": 1,
        "tenant": f"abac-{policy.name}",
        "permissions": permissions,
        "roles": {"everyone": {"permissions": sorted(permissions)}},
        "users": {name: {"attributes": attributes} for name, attributes in policy.users.items()},
    }


def resource_reference(attributes: Attributes) -> dict:
    """A resource as a question names it: its type is no attribute of it."""
    others = {name: value for name, value in attributes.items() if name != "type"}
    return {"type": snake_case(attributes["type"]), "id": attributes["rid"], "attributes": others}


def write_document(policy: AbacPolicy, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{policy.name}.json"
    file.write_text(json.dumps(document_of(policy), indent=1) + "\n", encoding="utf-8")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description="Converts ABAC policies into policy documents.")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--source", type=Path, default=ROOT.parent / "shared/datasets/abac-policies")
    parser.add_argument("--to", type=Path, default=ROOT / "build/abac-policies", metavar="FOLDER")
    options = parser.parse_args()
    for name in options.names:
        print(write_document(read_policy(options.source, name), options.to))


if __name__ == "__main__":
    main()
