"""What the tests of tenants share."""

from concurrent.futures import ThreadPoolExecutor

from .world import new_code


def body(**more) -> dict:
    return {"name": "Harbour Works", "code": new_code(), **more}


def branch(parent: str, **more) -> dict:
    return body(type="sub_tenant", parent_tenant_id=parent, **more)


def in_parallel(count: int, action):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(action, range(count)))
