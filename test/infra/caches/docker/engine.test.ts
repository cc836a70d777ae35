import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adviceText } from "../../../../base/advice.ts";
import {
  findDockerEngine,
  inspectContainer,
  removeContainer,
} from "../../../../infra/caches/docker/engine.ts";

let home: string;
let opened: { close(): unknown }[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "propiq-engine-"));
});
afterEach(async () => {
  for (const server of opened) server.close();
  opened = [];
  await rm(home, { recursive: true });
});

/** A real socket that answers as an engine does. */
async function engineAt(path: string, listener: RequestListener = asEngine): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const server: Server = createServer(listener);
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

const asEngine: RequestListener = (request, response) => {
  response
    .writeHead(request.url === "/_ping" ? 200 : 404, {
      "Api-Version": "1.52",
      Server: "Docker/29.1.2 (linux)",
    })
    .end("OK");
};

async function writeContext(folder: string, name: string, host: string): Promise<void> {
  const meta = join(folder, "contexts/meta", createHash("sha256").update(name).digest("hex"), "meta.json");
  await mkdir(dirname(meta), { recursive: true });
  await writeFile(meta, JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
}

describe("findDockerEngine", () => {
  it("takes the engine at DOCKER_HOST, before any context", async () => {
    const host = await engineAt(join(home, "d.sock"));
    const found = await findDockerEngine({ HOME: home, DOCKER_HOST: host, DOCKER_CONTEXT: "other" });
    expect(found).toEqual({ found: true, host, version: "29.1.2" });
  });

  it("takes no other engine where DOCKER_HOST does not lead to an engine", async () => {
    await engineAt(join(home, ".docker/run/docker.sock"));
    const found = await findDockerEngine({ HOME: home, DOCKER_HOST: `unix://${home}/none.sock` });
    expect(found).toMatchObject({
      found: false,
      tried: [{ host: `unix://${home}/none.sock`, reason: "there is no such socket" }],
    });
  });

  it("takes the context that `docker context use` chose", async () => {
    const host = await engineAt(join(home, "colima.sock"));
    await mkdir(join(home, ".docker"));
    await writeFile(join(home, ".docker/config.json"), JSON.stringify({ currentContext: "colima" }));
    await writeContext(join(home, ".docker"), "colima", host);
    expect(await findDockerEngine({ HOME: home })).toMatchObject({ found: true, host });
  });

  it("takes the context in DOCKER_CONTEXT from the folder in DOCKER_CONFIG", async () => {
    const host = await engineAt(join(home, "x.sock"));
    await writeContext(join(home, "config"), "x", host);
    const env = { HOME: home, DOCKER_CONFIG: join(home, "config"), DOCKER_CONTEXT: "x" };
    expect(await findDockerEngine(env)).toMatchObject({ found: true, host });
  });

  it("says that a chosen context does not exist", async () => {
    const found = await findDockerEngine({ HOME: home, DOCKER_CONTEXT: "gone" });
    expect(found).toMatchObject({ found: false, tried: [{ host: "context gone" }] });
  });

  it("finds an engine that listens in the user's home or run folder", async () => {
    const host = await engineAt(join(home, "run/docker.sock"));
    const found = await findDockerEngine({ HOME: home, XDG_RUNTIME_DIR: join(home, "run") });
    // A machine whose own engine runs has it at the default socket, which comes first.
    expect([host, "unix:///var/run/docker.sock"]).toContain(found.found ? found.host : "");
  });

  it("does not take something else that speaks HTTP for an engine", async () => {
    const host = await engineAt(join(home, "web.sock"), (_, response) => response.end("hello"));
    expect(await findDockerEngine({ HOME: home, DOCKER_HOST: host })).toMatchObject({
      found: false,
      tried: [{ host, reason: expect.stringContaining("not as a Docker engine") }],
    });
  });

  it("stops waiting for an engine that never answers", async () => {
    const server = createTcpServer();
    opened.push(server);
    await new Promise<void>((resolve) => server.listen(join(home, "mute.sock"), resolve));
    const found = await findDockerEngine({ HOME: home, DOCKER_HOST: `unix://${home}/mute.sock` });
    expect(found).toMatchObject({ found: false, tried: [{ reason: "no answer within 2 s" }] });
  });

  it.each([
    ["ssh://me@far.example", /cannot be asked/],
    ["tcp://10.1.2.3:2375", /another machine/],
    ["nonsense", /not a Docker address/],
  ])("does not ask %s", async (host, reason) => {
    const found = await findDockerEngine({ HOME: home, DOCKER_HOST: host });
    expect(found).toMatchObject({ found: false, tried: [{ host, reason: expect.stringMatching(reason) }] });
  });

  it("says which group may open a socket that is not ours", async () => {
    const path = join(home, "theirs.sock");
    const host = await engineAt(path);
    await chmod(path, 0);
    await chmod(home, 0o755);
    const found = await asNobody(() => findDockerEngine({ HOME: home, DOCKER_HOST: host }));
    if (found.found) throw new Error("a socket that nobody may open was opened");
    expect(adviceText(found.next)).toContain("usermod -aG docker");
  });
});

/** What a user who is not root sees: root may open every socket. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe("containers", () => {
  it("reads a container's id, state, labels and ports", async () => {
    const body = {
      Id: "abc",
      State: { Running: false },
      Config: { Labels: { "propiq-cache.stack": "dev" } },
      HostConfig: {
        PortBindings: { "6379/tcp": [{ HostIp: "127.0.0.1", HostPort: "6380" }], "1/tcp": null },
      },
    };
    const host = await engineAt(join(home, "d.sock"), (request, response) =>
      response
        .writeHead(request.url === "/containers/propiq-redis/json" ? 200 : 404)
        .end(JSON.stringify(body)),
    );
    expect(await inspectContainer(host, "propiq-redis")).toEqual({
      id: "abc",
      running: false,
      labels: { "propiq-cache.stack": "dev" },
      ports: [6380],
    });
    expect(await inspectContainer(host, "other")).toBeUndefined();
  });

  it("counts a missing container as removed, and reports a refusal", async () => {
    const asked: string[] = [];
    const host = await engineAt(join(home, "d.sock"), (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const status = request.url?.includes("stuck") === true ? 500 : 404;
      response.writeHead(status).end('{"message":"driver failed"}');
    });
    await removeContainer(host, "abc");
    expect(asked).toEqual(["DELETE /containers/abc?force=true&v=true"]);
    await expect(removeContainer(host, "stuck")).rejects.toThrow(/refused DELETE .*driver failed/);
  });
});
