import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { reportSet } from "../../../check/report-set.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const run = promisify(execFile);

/** The reference parser is Prometheus' own, in Python. It is kept: installing it takes longer than all that it reads. */
const VENV = join(PROJECT_ROOT, ".propiq", "test", "prometheus-client-0.26.0");
const PARSER = "prometheus_client==0.26.0";
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
families = parse(open(sys.argv[1], encoding="utf-8", newline="").read())
print(json.dumps([[s.name, s.labels, s.value] for f in families for s in f.samples]))
`;

const python = hasPython();
if (!python && process.env["CI"] === "true") throw new Error("CI needs python3 to read OpenMetrics with");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-metrics-"));
  if (!python || existsSync(join(VENV, "installed"))) return;
  await run("python3", ["-m", "venv", "--clear", VENV]);
  await run(join(VENV, "bin", "pip"), ["install", "--quiet", PARSER]);
  await writeFile(join(VENV, "installed"), "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Sample = [name: string, labels: Record<string, string>, value: number];

async function parsed(text: string): Promise<Sample[]> {
  const file = join(folder, "metrics.txt");
  await writeFile(file, text);
  const { stdout } = await run(join(VENV, "bin", "python"), ["-c", PARSE, file]);
  return JSON.parse(stdout) as Sample[];
}

const rendered = (...[reports, at, asked]: Parameters<typeof reportSet>) =>
  RENDERERS.openmetrics(reportSet(reports, at, asked), { color: false, width: 80 });

// Without Python there is nothing to read the metrics with; a pipeline has failed above.
describe.skipIf(!python)("the metrics", () => {
  it("are figures in base units, under the cache's names", async () => {
    const samples = await parsed(rendered([aReportFullOf("dev")], new Date("2026-11-23T21:05:00Z")));
    const figure = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        ([each, all]) => each === name && Object.entries(labels).every(([key, is]) => all[key] === is),
      )?.[2];
    expect(figure("propiq_cache_up", { stack: "dev", endpoint: "dev" })).toBe(0);
    expect(figure("propiq_cache_latency_seconds", { quantile: "0.95" })).toBe(0.0002);
    expect(figure("propiq_cache_latency_seconds", { quantile: "0.5" })).toBe(0.0001);
    expect(figure("propiq_cache_latency_seconds", { quantile: "1" })).toBe(0.0003);
    expect(figure("propiq_cache_network_seconds")).toBe(0.00005);
    expect(figure("propiq_cache_check_duration_seconds")).toBe(0.0123);
    expect(figure("propiq_cache_uptime_seconds")).toBe(3600);
    expect(figure("propiq_cache_memory_used_bytes")).toBe(50_000_000);
    expect(figure("propiq_cache_memory_limit_bytes")).toBe(104_857_600);
    expect(figure("propiq_cache_keyspace_misses_total")).toBe(100);
    expect(figure("propiq_cache_evicted_keys_total")).toBe(7);
    expect(figure("propiq_cache_keys")).toBe(12);
    expect(figure("propiq_cache_connected_clients")).toBe(3);
    expect(figure("propiq_cache_server_info", { version: "dev" })).toBe(1);
    expect(figure("propiq_cache_impact", { propiq_cache_impact: "slower" })).toBe(1);
    expect(figure("propiq_cache_impact", { propiq_cache_impact: "none" })).toBe(0);
    expect(figure("propiq_cache_check", { check: "auth", propiq_cache_check: "fail" })).toBe(1);
    expect(figure("propiq_cache_hit_ratio")).toBe(0.75);
    expect(figure("propiq_cache_keyspace_hits_total")).toBe(300);
    expect(figure("propiq_cache_verdict", { propiq_cache_verdict: "failed" })).toBe(1);
    expect(figure("propiq_cache_problem", { code: "AUTH_WRONG", status: "fail" })).toBe(1);
    expect(figure("propiq_cache_checked_timestamp_seconds")).toBe(1_795_467_900);
  });

  it("leave out what was not measured, and whether a cache that is off is up", async () => {
    const off = aReport({ verdict: "disabled", measurements: {} });
    const names = (await parsed(rendered([off], new Date()))).map(([name]) => name);
    expect(names).toContain("propiq_cache_verdict");
    for (const absent of ["up", "latency_seconds", "keys", "hit_ratio"])
      expect(names).not.toContain(`propiq_cache_${absent}`);
  });

  it("name caches that nobody could ask", async () => {
    const samples = await parsed(rendered([], new Date(), [{ stack: "prod", reason: "", hint: "" }]));
    expect(samples).toEqual([["propiq_cache_not_checked", { stack: "prod" }, 1]]);
  });

  it("distinguish two reports of the same cache", async () => {
    const samples = await parsed(rendered([aReport({}), aReport({})], new Date()));
    expect(samples.filter(([name]) => name === "propiq_cache_up")).toHaveLength(2);
    expect(new Set(samples.map((sample) => JSON.stringify(sample.slice(0, 2)))).size).toBe(samples.length);
  });

  it.each(Object.entries(HOSTILE_TEXTS))(
    "stay valid and clean with %s in every field",
    async (_name, hostile) => {
      const asked = [{ stack: hostile, reason: hostile, hint: hostile }];
      const text = rendered([aReportFullOf(hostile), aReport({})], new Date(), asked);
      expect((await parsed(text)).length).toBeGreaterThan(40);
      expect(text).not.toMatch(UNCLEAN);
      expect(text.length).toBeLessThan(500_000);
    },
  );
});

function hasPython(): boolean {
  try {
    execFileSync("python3", ["-c", "import venv"]);
    return true;
  } catch {
    return false;
  }
}
