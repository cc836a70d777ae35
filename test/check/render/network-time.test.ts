import { expect, it } from "vitest";
import { describe as describeFindings } from "../../../check/describe.ts";
import { DEFAULT_EXPECTATIONS } from "../../../check/expectations.ts";
import { judgeLatency } from "../../../check/judge/latency.ts";
import { reportSet } from "../../../check/report-set.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport } from "../../support/report.ts";

/** So slow that JUnit, which shows no passed check, shows this one. */
const measurements = { latencyMs: { p50: 300, p95: 400, max: 500, samples: 10 }, networkMs: 3.27 };

function everyNetworkTimeIn(text: string): number[] {
  const words = text.replace(/<[^>]*>/g, " ").replaceAll("\\", "");
  const inWords = [...words.matchAll(/network[^\d;,]*?([\d.]+) ms/gi)].map(([, ms]) => Number(ms));
  const inJson = [...words.matchAll(/"networkMs": ([\d.]+)/g)].map(([, ms]) => Number(ms));
  const inMetrics = [...words.matchAll(/network_seconds\{[^}]*\} ([\d.]+)/g)].map(
    ([, s]) => Number(s) * 1000,
  );
  return [...inWords, ...inJson, ...inMetrics];
}

it.each(Object.entries(RENDERERS))("the network's time has one value as %s", (_format, render) => {
  const finding = judgeLatency({
    info: {},
    measurements,
    expect: DEFAULT_EXPECTATIONS,
    evictionExpected: true,
  });
  const checks = describeFindings([finding], { enabled: true }, (text) => text);
  const set = reportSet([aReport({ checks, measurements })], new Date("2026-11-23T21:05:00Z"));
  const told = everyNetworkTimeIn(render(set, { color: false, width: 200 }));
  expect(new Set(told)).toEqual(new Set([3.27]));
});
