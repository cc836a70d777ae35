"""An app in the style of the guide: three slow answers that are cached, a write that makes them old, and its health.

    pip install ./examples/python 'fastapi' 'uvicorn'
    cd examples/python/app && uvicorn main:app

It has no sign-in: in an app of your own put these routes behind one.
"""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Response
from pydantic import BaseModel

from propiq_cache import cache, cached

# As slow as the real database was measured to be.
PROFILE_SECONDS, ANALYSES_SECONDS, DASHBOARD_SECONDS, WRITE_SECONDS = 0.5, 0.3, 2.0, 0.02


class Profile(BaseModel):
    userId: str
    name: str


class Analysis(BaseModel):
    userId: str
    address: str
    score: int


class Dashboard(BaseModel):
    userId: str
    name: str
    analyses: int


class NewName(BaseModel):
    name: str


class Database:
    """A stand-in. Its changes last while it runs."""

    def __init__(self) -> None:
        self.calls = 0
        self.names: dict[str, str] = {}

    async def query(self, seconds: float) -> None:
        self.calls += 1
        await asyncio.sleep(seconds)

    def name_of(self, user_id: str) -> str:
        return self.names.get(user_id, f"User {user_id}")


app = FastAPI()
database = Database()


@app.get("/users/{user_id}/profile")
@cached(ttl=3600, key_prefix="user_profile")
async def get_profile(user_id: str) -> Profile:
    await database.query(PROFILE_SECONDS)
    return Profile(userId=user_id, name=database.name_of(user_id))


@app.get("/users/{user_id}/analyses")
@cached(ttl=300, key_prefix="analyses_list")
async def list_analyses(user_id: str) -> list[Analysis]:
    await database.query(ANALYSES_SECONDS)
    return [Analysis(userId=user_id, address=f"{at} Elm Street", score=at * 30) for at in (1, 2, 3)]


@app.get("/users/{user_id}/dashboard")
@cached(ttl="medium", key_prefix="dashboard", grace_seconds=3600)
async def get_dashboard(user_id: str) -> Dashboard:
    await database.query(DASHBOARD_SECONDS)
    return Dashboard(userId=user_id, name=database.name_of(user_id), analyses=3)


@app.put("/users/{user_id}/profile")
async def rename(user_id: str, new: NewName) -> Profile:
    await asyncio.sleep(WRITE_SECONDS)
    database.names[user_id] = new.name
    await get_profile.invalidate(user_id)
    await get_dashboard.invalidate(user_id)
    return Profile(userId=user_id, name=new.name)


@app.get("/health")
async def health() -> dict[str, object]:
    # Healthy without a cache, too: it is only slower, and a restart would fix nothing.
    return {"status": "healthy", "cache": cache.health(), "database": {"calls": database.calls}}


@app.get("/metrics")
async def metrics() -> Response:
    return Response(cache.metrics(), media_type="application/openmetrics-text; version=1.0.0; charset=utf-8")
