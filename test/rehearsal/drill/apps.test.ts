// @module-tag pipeline
/** Apps of known weakness under `drill`, as a user starts it: verdict, codes, exit code. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { FAULTS, type FaultName } from "../../../rehearsal/drill/faults.ts";
import type { DrillReport } from "../../../rehearsal/drill/report.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import { hasPythonForTests, KIT, pythonForTests } from "../../examples/python/python.ts";
import { type CliRun, runCli } from "../../support/cli.ts";
import { IN_PIPELINE } from "../../support/parts.ts";

const APPS = join(import.meta.dirname, "apps");
const NODE = process.execPath;

/** Above the pauses of a busy machine; apps that wait do so for 300 ms or more. */
const LIMIT_MS = "200";

interface Drilled extends CliRun {
  /** The code of each fault, or its verdict. */
  outcomes: Record<string, string>;
  report: DrillReport;
}

/** @param faults that a developer waits for; a pipeline tries all of them where there is no list */
async function drill(
  command: readonly string[],
  faults: readonly FaultName[],
  { env = {}, seconds = 1 }: { env?: Record<string, string>; seconds?: number } = {},
): Promise<Drilled> {
  const run = await runCli(
    [
      "drill",
      "--format",
      "json",
      "--fault-seconds",
      String(seconds),
      "--limit-ms",
      LIMIT_MS,
      "--faults",
      faults.join(","),
      "--",
      ...command,
    ],
    { env: { PORT: String(await freePort()), ...env } },
  );
  const report = run.stdout === "" ? aMissing(run) : (JSON.parse(run.stdout) as DrillReport);
  const outcomes = report.faults.map((result) => [
    result.fault,
    result.verdict === "failed" ? result.code : result.verdict,
  ]);
  return { ...run, report, outcomes: Object.fromEntries(outcomes) };
}

function aMissing({ code, stderr }: CliRun): never {
  throw new Error(`drill ended with ${code} and without a report:\n${stderr}`);
}

/** A sound app survives all of them; these differ most. */
const SOME: readonly FaultName[] = IN_PIPELINE ? FAULTS : ["down", "hang", "garbage", "start-without"];
const node = (name: string) => [NODE, join(APPS, `${name}.js`)];

describe("an app that", () => {
  it("is sound passes", async () => {
    const { code, report, outcomes } = await drill(node("sound"), SOME);
    expect(outcomes).toEqual(Object.fromEntries(SOME.map((fault) => [fault, "passed"])));
    expect(report.verdict).toBe("passed");
    expect(report.baseline.commandsPerRequest).toBeGreaterThan(0.5);
    expect(code).toBe(0);
  });

  it.each<[weakness: string, app: string, outcomes: Partial<Record<FaultName, string>>]>([
    ["waits for ever", "waits-for-ever", { hang: "REQUESTS_SLOW", slow: "REQUESTS_SLOW", full: "passed" }],
    ["fails closed", "fails-closed", { down: "REQUESTS_FAILED", quota: "REQUESTS_FAILED" }],
    ["dies on an error event", "dies-on-error", { drop: "APP_DIED", full: "passed" }],
    ["never reconnects", "never-reconnects", { full: "passed", drop: "NOT_RECOVERED" }],
    ["needs Redis at start", "needs-redis-at-start", { drop: "passed", "start-without": "DID_NOT_START" }],
    ["fails on full memory", "fails-when-full", { full: "REQUESTS_FAILED", readonly: "passed" }],
  ])("%s fails where it is weak, and nowhere else", async (_, app, expected) => {
    const { code, outcomes } = await drill(node(app), Object.keys(expected) as FaultName[]);
    expect(outcomes).toEqual(expected);
    expect(code).toBe(1);
  });

  it.runIf(IN_PIPELINE)(
    "connects again at once passes also when the fault lasts longer than a recovery may",
    async () => {
      const { outcomes } = await drill(node("sound"), ["drop"], { seconds: 11 });
      expect(outcomes).toEqual({ drop: "passed" });
    },
  );

  it("has no Redis gets exit code 2 and the reason", async () => {
    const run = await runCli(["drill", "--faults", "down", "--", ...node("no-redis")], {
      env: { PORT: String(await freePort()) },
    });
    expect(run.stderr).toContain("The app sent no command to Redis");
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect([run.code, run.stdout]).toEqual([2, ""]);
  });
});

describe("the example app", () => {
  it("survives", async () => {
    const { outcomes } = await drill([NODE, join(PROJECT_ROOT, "examples", "app", "server.ts")], SOME);
    expect(outcomes).toEqual(Object.fromEntries(SOME.map((fault) => [fault, "passed"])));
  });
});

describe.runIf(await hasPythonForTests())("in Python, an app", () => {
  let python = "";
  beforeAll(async () => {
    python = await pythonForTests();
  });
  const env = { PYTHONPATH: KIT, PYTHONDONTWRITEBYTECODE: "1" };

  it("with our kit survives", async () => {
    const { outcomes } = await drill([python, join(APPS, "kit.py")], SOME, { env });
    expect(outcomes).toEqual(Object.fromEntries(SOME.map((fault) => [fault, "passed"])));
  });

  it.each<[weakness: string, app: string, outcomes: Partial<Record<FaultName, string>>]>([
    ["waits for ever", "waits_for_ever", { slow: "REQUESTS_SLOW", readonly: "passed" }],
    ["fails closed", "fails_closed", { quota: "REQUESTS_FAILED", full: "REQUESTS_FAILED" }],
  ])("that %s fails where it is weak, and nowhere else", async (_, app, expected) => {
    const run = await drill([python, join(APPS, `${app}.py`)], Object.keys(expected) as FaultName[], { env });
    expect(run.outcomes).toEqual(expected);
  });
});
