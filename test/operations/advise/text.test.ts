import { describe, expect, it } from "vitest";
import type { AdviceReport } from "../../../operations/advise/report.ts";
import { renderAdvice } from "../../../operations/advise/text.ts";

const report: AdviceReport = {
  ...{ schema: 1, generatedAt: "2026-11-23T21:05:00.000Z", size: "too-small", monthlyUsd: 0 },
  ...{ stack: "prod", plan: "upstash-free", provider: "upstash", endpoint: "name.upstash.io:6379" },
  advice: [
    {
      ...{ code: "TOO_SMALL", plan: "azure-managed-b0", monthlyDifferenceUsd: 11.68 },
      because: "Too small: memory: 240 MB of 256 MB (94%).",
      commands: ["./propiq-cache pulumi config set plan azure-managed-b0 --stack prod"],
    },
  ],
  plans: [
    { plan: "azure-managed-b0", fits: true, monthlyUsd: 11.68, against: [] },
    { plan: "upstash-payg", fits: true, monthlyUsd: null, against: [] },
    { plan: "upstash-free", fits: false, monthlyUsd: 0, against: ["240 MB of 256 MB for data (94%)"] },
  ],
  assumptions: ["Prices are list prices of the catalogue (docs/plans.md), without taxes and traffic."],
  figures: { usedMb: 200, peakMb: 240, limitMb: 256, connections: 1, maxConnections: 10_000, keys: 7000 },
  functions: [],
  forecasts: [],
  namespaces: [
    {
      ...{ name: "session", keys: 400, share: 0.9, bytes: 200_000_000, bytesPerKey: 31_000, withoutTtl: 0 },
    },
    { ...{ name: "", keys: 100, share: 0.1, bytes: 20_000, bytesPerKey: 3, withoutTtl: 100 } },
  ],
  sample: { keys: 500, complete: false, lookUps: 500, refused: [] },
  commandsUsed: 1008,
};
const at = (width: number, change: Partial<AdviceReport> = {}) =>
  renderAdvice({ ...report, ...change }, width);

describe("the advice as text", () => {
  it("begins with the size, where, and what it costs", () => {
    expect(at(100)).toMatch(
      /^! too small {2}name\.upstash\.io:6379, stack prod, plan upstash-free, \$0\.00 a month\n/,
    );
    expect(at(100, { size: "fits", monthlyUsd: null })).toMatch(/^✔ fits {2}[^$]*\n/);
  });

  it("shows an advice with what it costs and what to type", () => {
    expect(at(100)).toContain(
      "→ Too small: memory: 240 MB of 256 MB (94%). That is $11.68 a month more.\n    ./propiq-cache pulumi config set plan azure-managed-b0 --stack prod\n",
    );
  });

  it("shows for each plan whether it fits, what it costs, and why not", () => {
    expect(at(100)).toMatch(/^ {2}✔ azure-managed-b0 +\$11\.68$/m);
    expect(at(100)).toMatch(/^ {2}✔ upstash-payg +unknown$/m);
    expect(at(100)).toMatch(/^ {2}✘ upstash-free +\$0\.00 {3}240 MB of 256 MB for data \(94%\)$/m);
  });

  it("shows what uses the memory, and from how many keys that is known", () => {
    expect(at(100)).toMatch(/^ {2}session +400 +90% +191 MB +31,000 B +0$/m);
    expect(at(100)).toMatch(/^ {2}\(none\) +100 +10% +20 KB +3 B +100$/m);
    expect(at(200).replace(/\s+/g, " ")).toMatch(
      /From 500 of 7,000 keys, as SCAN came upon them; .* The server counts 500 look-ups of the sample as hits\./,
    );
    const all = { keys: 500, complete: true, lookUps: 0, refused: ["MEMORY USAGE was answered with: no"] };
    expect(at(200, { sample: all })).toMatch(/From all 500 keys\.\n {2}- MEMORY USAGE was answered with: no/);
    expect(at(100, { namespaces: [], sample: all })).toContain("  no keys\n");
    expect(at(100, { namespaces: [], sample: { ...all, complete: false } })).toContain("  not known\n");
  });

  it.each([40, 60, 80, 120])(
    "fits into %d columns, except for the name of the cache and the commands",
    (width) => {
      for (const line of at(width).split("\n").slice(1))
        if (!line.includes("./propiq-cache ")) expect(line.length, line).toBeLessThanOrEqual(width);
    },
  );

  it("leaves out columns where there are few", () => {
    expect(at(40)).toMatch(/^ {2}namespace +share +memory +without TTL$/m);
    expect(at(80)).toMatch(/^ {2}namespace +keys +share +memory +a key +without TTL$/m);
  });

  it("counts one as one", () => {
    expect(at(200)).toContain("1 connection of 10,000");
    expect(at(200, { figures: { connections: 2 } })).toContain("2 connections.");
  });

  it("proposes lifetimes with the one command that sets them, and says what runs out", () => {
    const text = at(100, {
      stack: "prod",
      functions: [
        { code: "TTL_LONGER", namespace: "user:profile", because: "user:profile: reason.", ttlSeconds: 1800 },
        { code: "NOT_WORTH_CACHING", namespace: "fast", because: "fast: reason." },
      ],
      forecasts: [{ what: "commands", limit: 500_000, endsAt: "2026-12-19T04:00:00.000Z" }],
    });
    expect(text).toContain(`./propiq-cache config set 'ttl.functions={"user:profile":1800}' --stack prod`);
    expect(text).toContain("fast: reason.");
    expect(text).toContain("the month's 500,000 commands run out on 2026-12-19");
  });
});
