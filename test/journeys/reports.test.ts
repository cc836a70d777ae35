/** A pipeline and a monitor: the same cache checked again and again, reported in every format, without its password. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { FORMATS } from "../../scripts/commands/verify-options.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Project } from "../support/project.ts";

// Every character that some encoding changes.
const password = `c4n/4ry+ "%&<@:#'end`;
const forms = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString("base64").slice(0, 20),
  JSON.stringify(password).slice(1, -1),
  "c4n/4ry+ &quot;%&amp;&lt;@:#",
];

let project: Project;
let redis: TestRedis;
let env: Record<string, string>;
beforeAll(async () => {
  project = await makeProject();
  redis = await startRedis({ password });
  env = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port), REDIS_PASSWORD: password };
});
afterAll(async () => {
  await project.remove();
  await redis.stop();
});

const everyFormat = FORMATS.flatMap((format) => ["--report", `${format}=.propiq/report.${format}`]);

describe("a cache that is checked again and again", STORY, () => {
  it("is reported in every format, and what has changed since the last run", async () => {
    const first = await project.run(["verify", "--history", ".propiq/history.jsonl"], { env });
    expect(first.code, first.all).toBe(0);
    expect(first.stdout).not.toContain("Since");
    const wrong = { ...env, REDIS_PASSWORD: "another" };
    const second = await project.run(["verify", "--history", ".propiq/history.jsonl", ...everyFormat], {
      env: wrong,
    });
    expect(second.code, second.all).toBe(1);
    expect(second.stdout).toMatch(/Since \d\d:\d\d UTC: healthy → failed \(AUTH_WRONG\)\./);
    for (const format of FORMATS)
      expect(await project.read(`.propiq/report.${format}`)).toContain("AUTH_WRONG");
    const third = await project.run(["verify", "--history", ".propiq/history.jsonl", ...everyFormat], {
      env,
    });
    expect(third.stdout).toMatch(/Since \d\d:\d\d UTC: failed → healthy\./);
    expect(await project.read(".propiq/report.html")).toContain("3 runs");
  });

  it("leaves a history that can be viewed", async () => {
    const history = ["report", "--history", ".propiq/history.jsonl"];
    const text = await project.run(history);
    expect(text.code, text.all).toBe(0);
    expect(text.stdout).toMatch(/3 runs, .*: 2 healthy, 1 failed \(66\.6% healthy\)/);
    const html = await project.run([...history, "--format", "html", "--output", ".propiq/history.html"]);
    expect([html.code, html.stdout]).toEqual([0, ""]);
    expect(await project.read(".propiq/history.html")).toMatch(/^<!doctype html>/);
    const none = await project.run(["report", "--history", "none.jsonl"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/history none\.jsonl has no runs.*\n.*\n.*verify .*--history none\.jsonl/);
    expect(none.stderr).not.toMatch(/^\s+at /m);
  });

  it("shows its password nowhere, and leaves no half-written file", async () => {
    const names = (await readdir(join(project.root, ".propiq"))).filter((name) =>
      /report|history/.test(name),
    );
    expect(names.toSorted()).toEqual(
      [...FORMATS.map((format) => `report.${format}`), "history.html", "history.jsonl"].toSorted(),
    );
    for (const name of names) {
      const text = await project.read(join(".propiq", name));
      for (const form of forms) expect(text).not.toContain(form);
    }
  });
});

describe("several stacks at once", () => {
  it("are all reported, also when the state of one cannot be read; the exit code is that of the worst", async () => {
    await project.run(["pulumi", "config", "set", "port", String(await freePort()), "--stack", "native"]);
    const up = await project.run(["dev"]);
    expect(up.code, up.all).toBe(0);
    const both = await project.run(["verify", "--stack", "native", "--stack", "nowhere", ...everyFormat]);
    expect(both.code, both.all).toBe(2);
    expect(both.stdout).toMatch(/healthy.*stack native/);
    expect(both.stdout).toMatch(/not checked.*stack nowhere/);
    expect(JSON.parse(await project.read(".propiq/report.json"))).toMatchObject({
      ...{ verdict: "healthy", impact: "unknown" },
      ...{ reports: [{ stack: "native" }], notAsked: [{ stack: "nowhere" }] },
    });
    for (const format of FORMATS) expect(await project.read(`.propiq/report.${format}`)).toContain("nowhere");
    const twice = await project.run(["verify", "--stack", "native", "--stack", "native", "--format", "json"]);
    expect(JSON.parse(twice.stdout)).toMatchObject({ reports: [{ stack: "native" }] });
    const none = await project.run(["verify", "--stack", "nowhere", "--stack", "neither"]);
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain("nowhere");
    expect(none.stderr).toContain("neither");
  });
});
