"""The app's guide, as it stands: with Redis, without, and disabled."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers import free_port

HERE = Path(__file__).parent


def run_guide(folder: Path, **env: str) -> dict:
    (folder / "utils").mkdir()
    (folder / "utils" / "cache.py").write_text("from propiq_cache import cache, cache_invalidate, cached\n")
    path = os.pathsep.join([str(folder), *sys.path])
    done = subprocess.run(
        [sys.executable, str(HERE / "guide_app.py")],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_guides_code_runs_unchanged(redis, tmp_path):
    redis.call("SET", "foreign", "1")
    out = run_guide(tmp_path, REDIS_URL=redis.url)
    assert out["client"] is True
    assert (out["set"], out["get"]) == (True, {"message": "Hello Redis!"})
    assert out["shared"] == {"name": "of a direct key"}
    assert out["first"] == out["second"] == out["by keyword"] == out["direct"] == {"name": "Ann"}
    assert out["loads"] == 1
    assert out["updated"] == {"name": "Bob"}
    assert out["profiles"] == [{"user": "7"}] * 3
    assert out["analyses"] == [[{"user": "7", "page": 1}]] * 2
    assert out["page"] == [{"user": "7", "page": 2}]
    assert out["route loads"] == [["profile", "7"], ["analyses", "7", 1], ["analyses", "7", 2]]
    assert out["unprocessable"] == 422
    assert out["parameters"] == ["user_id", "page"]
    assert out["called in a loop"] == {"user": "7"}
    assert out["health"]["cache"]["enabled"] is True
    assert 0 < out["health"]["cache"]["hit_rate"] < 1
    assert out["health"]["cache"]["memory_used"][-1] in "KM"
    assert set(out["stats"]) == {"keys", "memory", "hits", "misses", "hit_rate"}
    assert out["stats"]["keys"] == 6
    # Only what lies under the cache's own prefix.
    assert out["cleared"] == [None, 1]
    assert redis.keys() == ["foreign"]


@pytest.mark.parametrize(
    "env",
    [{"REDIS_ENABLED": "false"}, {"REDIS_URL": "redis://127.0.0.1:{free}"}, {}, {"REDIS_URL": "nonsense"}],
    ids=["switched off", "down", "without settings", "with settings that are not valid"],
)
def test_the_guides_code_runs_without_redis(tmp_path, env):
    out = run_guide(tmp_path, **{name: text.replace("{free}", str(free_port())) for name, text in env.items()})
    assert out["client"] is False
    assert (out["set"], out["get"]) == (False, None)
    assert out["loads"] == 4
    assert out["updated"] == {"name": "Bob"}
    assert out["profiles"] == [{"user": "7"}] * 3
    assert out["health"] == {"status": "healthy", "cache": {"enabled": False, "hit_rate": 0, "memory_used": "0"}}
    assert out["stats"]["keys"] is None
    assert out["stats"]["hits"] == 0
