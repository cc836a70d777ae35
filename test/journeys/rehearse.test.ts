// @module-tag pipeline
/**
 * `rehearse`, as people type it: the short path here, every command of docs/rehearse.md and kills at any moment in the
 * long pass.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAIL_AT } from "../../rehearsal/scenario/options.ts";
import type { RehearsalReport } from "../../rehearsal/scenario/report.ts";
import { REHEARSAL_SCHEMA } from "../../rehearsal/scenario/schema.ts";
import { commandsOf } from "../support/documents/commands.ts";
import { LONG } from "../support/parts.ts";
import { processesWith } from "../support/processes.ts";
import { filesOf, makeProject, type Project } from "../support/project.ts";

/** Of a shell that is signed in to real clouds. */
const REAL = {
  ARM_CLIENT_SECRET: "real-azure-secret",
  UPSTASH_API_KEY: "real-upstash-key",
  PULUMI_ACCESS_TOKEN: "real-pulumi-token",
  PULUMI_BACKEND_URL: "https://real.example.com",
};
const SHORT = ["--plans", "upstash-free"];
const MINUTES = 10 * 60_000;

let project: Project;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  project = await makeProject();
  folder = await mkdtemp(join(tmpdir(), "rehearse-"));
  env = { ...REAL, TMPDIR: folder, OF_THIS_TEST: folder };
});
afterAll(async () => {
  await project?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function rehearse(...words: string[]) {
  const outcome = await project.run(["rehearse", ...words, "--format", "json"], { env });
  const report: RehearsalReport | undefined =
    outcome.stdout === "" ? undefined : parse(REHEARSAL_SCHEMA, JSON.parse(outcome.stdout));
  return { ...outcome, report };
}

/** Whatever happened, nothing of it is left. */
async function expectNothingLeft() {
  await expect.poll(() => readdir(folder), { timeout: 10_000 }).toEqual([]);
  expect(await processesWith("OF_THIS_TEST", folder)).toEqual([]);
}

describe("a rehearsal", () => {
  it("walks through a stack's life under constant requests, and leaves nothing behind", async () => {
    const before = [await filesOf(project), await project.read("Pulumi.prod.yaml")];
    const { code, all, stderr, report } = await rehearse(...SHORT);
    expect(code, all).toBe(0);
    expect(report).toMatchObject({ verdict: "passed", stack: "prod", notMapped: [], app: "example" });
    const steps = report?.steps ?? [];
    expect(steps.map(({ name }) => name)).toEqual([
      ...["preflight", "up", "verify", "off", "on", "rotate", "destroy"],
    ]);
    for (const { exitCode, requests, foreignSettingsChanged } of steps) {
      expect(requests.sent).toBeGreaterThan(0);
      expect([exitCode, requests.failed, foreignSettingsChanged]).toEqual([0, 0, []]);
    }
    const [, up, verify, off] = steps;
    expect(up).toMatchObject({ appRestarts: 1, settingsWritten: expect.arrayContaining(["REDIS_URL"]) });
    expect(verify).toMatchObject({ appRestarts: 0, settingsWritten: [] });
    expect(off).toMatchObject({ appRestarts: 1, settingsWritten: expect.arrayContaining(["REDIS_ENABLED"]) });
    expect(stderr).toContain("./propiq-cache pulumi up --yes --stack prod");
    for (const secret of Object.values(REAL)) expect(all).not.toContain(secret);
    expect([await filesOf(project), await project.read("Pulumi.prod.yaml")]).toEqual(before);
    await expectNothingLeft();
  });

  it.each([
    ["an unknown stack", ["--stack", "nowhere"], "There is no stack"],
    ["a stack of this machine", ["--stack", "native"], "./propiq-cache dev"],
    ["an unknown plan", ["--plans", "azure-c9"], "azure-c9"],
    ["a plan of this machine", ["--plans", "docker"], "docker"],
    ["a report without a format", ["--report", "rehearsal.json"], "--report"],
  ])("refuses %s at once", async (_, words, said) => {
    const { code, stderr, stdout } = await rehearse(...words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });
});

describe("a rehearsal of failures", LONG, () => {
  it.each(FAIL_AT)(
    "at %s shows the failure and recovers",
    async (step) => {
      const { code, all, report } = await rehearse("--plans", "azure-managed-b0", "--fail-at", step);
      expect(code, all).toBe(0);
      const codes = report?.steps.map(({ code: found }) => found) ?? [];
      expect(codes).toContain("CLOUD_FAILED");
      expect(codes.at(-1)).toBeUndefined();
    },
    MINUTES,
  );

  it(
    "refuses a plan above the stack's budget",
    async () => {
      const file = join(project.root, "Pulumi.prod.yaml");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace("upstash-free", "azure-c1"));
      const { code, report } = await rehearse(...SHORT);
      await writeFile(file, text);
      expect(code).toBe(1);
      expect(report?.steps.map((step) => [step.name, step.code])).toEqual([["preflight", "COMMAND_FAILED"]]);
    },
    MINUTES,
  );

  it.each([
    ...[100, 1000, 4000].map((ms) => ({ after: "Starting the emulated", ms })),
    ...[0, 3000, 8000].map((ms) => ({ after: "pulumi up", ms })),
  ])(
    "that is killed $ms ms after it said $after leaves nothing",
    async ({ after, ms }) => {
      const running = project.start(["rehearse", ...SHORT], { env });
      await running.until(after);
      await new Promise((resolve) => setTimeout(resolve, ms));
      running.kill("SIGKILL");
      await running.ended;
      await expectNothingLeft();
    },
    MINUTES,
  );

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends with 130 on %s",
    async (signal) => {
      const running = project.start(["rehearse", ...SHORT], { env });
      await running.until("pulumi up");
      running.kill(signal);
      expect((await running.ended).code).toBe(130);
      await expectNothingLeft();
    },
    MINUTES,
  );
});

/** What stands for a team's own app. */
const OWN_APP = `
  const { createServer } = require("node:http");
  createServer((_, reply) => reply.end('{"status":"healthy"}')).listen(process.env.PORT, "127.0.0.1");
`;

describe("docs/rehearse.md", LONG, () => {
  beforeAll(() => writeFile(join(project.root, "app.cjs"), OWN_APP));

  it.each(commandsOf("docs/rehearse.md").flatMap(({ kind, text }) => (kind === "block" ? [text] : [])))(
    "has a command that works: %s",
    async (text) => {
      const words = [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
      const typed = words.slice(1).map((word) => (word.startsWith("uvicorn") ? "node app.cjs" : word));
      const { code, all } = await project.run(typed, {
        env,
        input: "./propiq-cache preflight --stack prod\n",
      });
      expect(code, all).toBe(0);
      await expectNothingLeft();
    },
    MINUTES,
  );
});
