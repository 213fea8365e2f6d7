"""What the tests of people share."""

from datetime import datetime, timedelta, timezone

from .world import unique

NEW_PASSWORD = "Other-Kettle-43-Orbit"


def in_time(**more) -> str:
    return (datetime.now(timezone.utc) + timedelta(**more)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def address() -> str:
    return f"{unique('Mail')}@users.example"


def role_names(rows) -> set[str]:
    return {row["name"] for row in rows}
