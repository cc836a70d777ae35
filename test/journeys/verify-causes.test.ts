/**
 * Every cause of trouble, from its making to the exit code: the right code for each, in time, nothing left behind,
 * and the password in no format.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CODES, type Code, type ReportSet } from "../../check/report.ts";
import { type Authority, makeAuthority } from "../../rehearsal/tls.ts";
import { FORMATS } from "../../scripts/commands/verify-options.ts";
import { BEHAVIOUR_CAUSES } from "../support/causes/behaviour.ts";
import { type Cause, makeStage, type Stage } from "../support/causes/cause.ts";
import { NETWORK_CAUSES } from "../support/causes/network.ts";
import { REPLY_CAUSES } from "../support/causes/replies.ts";
import { TLS_CAUSES } from "../support/causes/tls.ts";
import { runCli } from "../support/cli.ts";
import { lacks } from "../support/parts.ts";
import { canSilenceDns } from "../support/silent-dns.ts";

const password = `c4n/4ry+ "%&<@:#'end`;
const forms = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString("base64").replace(/=+$/, ""),
  JSON.stringify(password).slice(1, -1),
  `c4n/4ry+ "%&amp;&lt;@:#'end`,
  "c4n/4ry+ &quot;%&amp;&lt;@:#&#39;end",
];
const CAUSES = [...NETWORK_CAUSES, ...TLS_CAUSES, ...REPLY_CAUSES, ...BEHAVIOUR_CAUSES];
/** Of an app or of a stack, which are made where there are some. */
const ELSEWHERE: ReadonlySet<Code> = new Set<Code>([
  ...(["PLAN_DIFFERS", "KEY_OLD", "APP_UNREACHABLE", "APP_CACHE_OFF", "APP_NOT_USING_CACHE"] as const),
  ...(["SETTINGS_DIFFER", "SETTINGS_REMOVED", "SECRET_REF_UNRESOLVED", "APP_STOPPED", "CACHE_FAR"] as const),
]);
/** For the processes around the check, which take their time on a busy machine. */
const STARTS_MS = 6000;
const noNamespaces = lacks("unshare, mount and ip", await canSilenceDns());
const needsNamespaces = (cause: Cause) =>
  ["DNS_UNAVAILABLE", "UNREACHABLE", "PROTECTED_MODE"].includes(cause.code);

let authority: Authority;
let stage: Stage & { clear(): Promise<void> };
let folder: string;
beforeAll(async () => {
  authority = await makeAuthority();
  stage = makeStage(password, authority);
  folder = await mkdtemp(join(tmpdir(), "verify-causes-"));
});
afterEach(() => stage.clear());
afterAll(async () => {
  await authority.remove();
  await rm(folder, { recursive: true });
});

it("there are more than 45 causes, and at least one for each code of a cache", () => {
  expect(CAUSES.length).toBeGreaterThan(45);
  expect(new Set(CAUSES.map(({ code, when }) => `${code} ${when}`)).size).toBe(CAUSES.length);
  const made = new Set(CAUSES.map(({ code }) => code));
  expect(CODES.filter((code) => !made.has(code) && !ELSEWHERE.has(code))).toEqual([]);
});

const everyFormat = () =>
  FORMATS.flatMap((format) => ["--report", `${format}=${join(folder, `report.${format}`)}`]);

describe("verify reports", () => {
  for (const cause of CAUSES) {
    const { code, when, status = "fail", deadline = 3 } = cause;
    it.skipIf(noNamespaces && needsNamespaces(cause))(`${code} when ${when}`, async () => {
      const { env, within, redis } = await cause.make(stage);
      const options = { env, ...(within === undefined ? {} : { within }) };
      const run = await runCli(
        ["verify", "--deadline", String(deadline), "--samples", "4", ...everyFormat()],
        options,
      );
      expect([run.code, run.stderr], run.stdout).toEqual([status === "fail" ? 1 : 0, ""]);
      expect(run.tookMs).toBeLessThan(deadline * 1000 + 500 + STARTS_MS);
      expect(run.stdout).not.toMatch(/^\s+at .*:\d+:\d+|undefined|NaN/m);
      const [report] = (JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as ReportSet).reports;
      const told =
        report?.checks.filter((check) => check.status === status && check.code !== undefined) ?? [];
      expect(told.map((check) => check.code)).toEqual([code]);
      expect(told[0]?.hint).toMatch(/propiq-cache/);
      expect(report?.durationMs).toBeLessThan(deadline * 1000 + 500);
      expect(report?.commandsUsed).toBeLessThanOrEqual(30);
      for (const name of await readdir(folder)) {
        const text = await readFile(join(folder, name), "utf8");
        if (status !== "skip") expect(text, name).toContain(code);
        for (const form of forms) expect(text, name).not.toContain(form);
      }
      for (const form of forms) expect(run.stdout).not.toContain(form);
      if (redis !== undefined) await expect.poll(() => redis.call("KEYS", "propiq-cache:*")).toEqual([]);
    });
  }
});
