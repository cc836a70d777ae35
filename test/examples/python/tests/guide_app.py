"""The code that the app's developers type, with a cache that `utils/cache.py` imports from the kit in one line."""

import asyncio
import json

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from utils.cache import cache, cache_invalidate, cached

calls = []


class database:
    users = {"123": {"name": "Ann"}}

    @classmethod
    def get_user(cls, user_id):
        calls.append(("get_user", user_id))
        return dict(cls.users[user_id])

    @classmethod
    def update_user(cls, user_id, data):
        cls.users[user_id] = data
        return data


def get_user_by_id(user_id):
    calls.append(("profile", user_id))
    return {"user": user_id}


def get_user_analyses(user_id, page):
    calls.append(("analyses", user_id, page))
    return [{"user": user_id, "page": page}]


router = APIRouter()


@cached(ttl=3600, key_prefix="user")
def get_user(user_id: str):
    return database.get_user(user_id)


@cache_invalidate(key_pattern="user:*")
def update_user(user_id: str, data: dict):
    return database.update_user(user_id, data)


@router.get("/users/{user_id}")
@cached(ttl=3600, key_prefix="user_profile")
async def get_user_profile(user_id: str):
    return get_user_by_id(user_id)


@router.get("/analyses")
@cached(ttl=300, key_prefix="analyses_list")
async def list_analyses(user_id: str, page: int = 1):
    return get_user_analyses(user_id, page=page)


@router.get("/health")
async def health_check():
    stats = cache.stats() if cache.client else None
    return {
        "status": "healthy",
        "cache": {
            "enabled": cache.client is not None,
            "hit_rate": stats.get("hit_rate") if stats else 0,
            "memory_used": stats.get("memory") if stats else "0",
        },
    }


def main() -> dict:
    app = FastAPI()
    app.include_router(router)
    out = {"client": cache.client is not None}
    out["set"] = cache.set("test_key", {"message": "Hello Redis!"}, ttl=60)
    out["get"] = cache.get("test_key")
    cache.set("user:123", {"name": "of a direct key"}, ttl=3600)
    out["shared"] = get_user("123")
    cache.delete("user:123")
    out["first"], out["second"], out["by keyword"] = get_user("123"), get_user("123"), get_user(user_id="123")
    out["direct"] = cache.get("user:123")
    out["loads"] = calls.count(("get_user", "123"))
    update_user("123", {"name": "Bob"})
    out["updated"] = get_user("123")
    with TestClient(app) as client:
        out["profiles"] = [client.get("/users/7").json() for _ in range(3)]
        out["analyses"] = [client.get("/analyses", params={"user_id": "7"}).json() for _ in range(2)]
        out["page"] = client.get("/analyses", params={"user_id": "7", "page": 2}).json()
        out["unprocessable"] = client.get("/analyses").status_code
        out["health"] = client.get("/health").json()
        out["parameters"] = [each["name"] for each in app.openapi()["paths"]["/analyses"]["get"]["parameters"]]
    out["called in a loop"] = asyncio.run(get_user_profile("7"))
    out["route loads"] = [call for call in calls if call[0] != "get_user"]
    out["stats"] = cache.stats()
    cache.clear()
    out["cleared"] = [cache.get("test_key"), cache.stats()["keys"]]
    return out


print(json.dumps(main()))
