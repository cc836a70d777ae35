import { describe, expect, it } from "vitest";
import type { Plan } from "../../../infra/plans/catalogue.ts";
import { advise } from "../../../operations/advise/advise.ts";
import type { AdviceCode } from "../../../operations/advise/advisors.ts";
import type { Figures } from "../../../operations/advise/figures.ts";
import type { Current, KeyFacts } from "../../../operations/advise/found.ts";

/** A cache with little in it, and what a test is about changed. */
const figures = (change: Partial<Figures> = {}): Figures => ({
  ...{ usedMb: 10, peakMb: 12, peakOver: "history", runs: 500 },
  ...{ connections: 5, commandsPerMonth: 100_000, trafficGbPerMonth: 0.5 },
  ...{ hitRate: 0.8, evictedKeys: 0, keys: 1000, keysWithoutTtl: 0, uptimeSeconds: 864_000 },
  ...change,
});
const NO_KEYS: KeyFacts = { sampled: 0, endless: [] };
const asked = (change: Partial<Figures>, current: Current = {}, keys: Partial<KeyFacts> = {}) =>
  advise(figures(change), current, { ...NO_KEYS, ...keys });
const codes = (...args: Parameters<typeof asked>): AdviceCode[] =>
  asked(...args).advice.map(({ code }) => code);
const adviceOf = (code: AdviceCode, ...args: Parameters<typeof asked>) =>
  asked(...args).advice.find((each) => each.code === code);

describe("the size of what runs", () => {
  // Each row is at its threshold, and just below it.
  it.each<[string, Current, Partial<Figures>, Partial<Figures>, RegExp]>([
    [
      "memory",
      { plan: "upstash-free" },
      { peakMb: 205 },
      { peakMb: 204 },
      /memory: 205 MB of 256 MB \(80%\)/,
    ],
    [
      "memory that is for data only in part",
      { plan: "azure-managed-b0-ha" },
      { peakMb: 328 },
      { peakMb: 327 },
      /memory: 328 MB of 410 MB \(80%\)/,
    ],
    [
      "the server's own limit",
      {},
      { peakMb: 80, limitMb: 100 },
      { peakMb: 79, limitMb: 100 },
      /80 MB of 100 MB/,
    ],
    ["connections", { plan: "azure-c0" }, { connections: 205 }, { connections: 204 }, /205 of 256 \(80%\)/],
    [
      "commands",
      { plan: "upstash-free" },
      { commandsPerMonth: 400_000 },
      { commandsPerMonth: 399_999 },
      /commands a month: 400,000 of 500,000 \(80%\)/,
    ],
    [
      "traffic",
      { plan: "upstash-free" },
      { trafficGbPerMonth: 8 },
      { trafficGbPerMonth: 7.9 },
      /traffic a month: 8.0 GB of 10 GB \(80%\)/,
    ],
    [
      "evictions that are a loss",
      { plan: "upstash-free" },
      { evictedKeys: 12_345, hitRate: 0.69 },
      { evictedKeys: 12_345, hitRate: 0.7 },
      /12,345 keys evicted to make room, and 69% of look-ups/,
    ],
  ])("is too small by %s, from its threshold on", (_what, current, at, below, because) => {
    expect(asked(at, current).size).toBe("too-small");
    expect(adviceOf("TOO_SMALL", at, current)?.because).toMatch(because);
    expect(asked(below, current).size).not.toBe("too-small");
    expect(codes(below, current)).not.toContain("TOO_SMALL");
  });

  it("is not known where neither plan nor server has a limit, or nothing was measured", () => {
    expect(asked({}, {}).size).toBe("unknown");
    expect(asked({ peakMb: undefined as never }, { plan: "upstash-free" }).size).toBe("unknown");
  });
});

describe("a plan that is too small", () => {
  it("is to be replaced by the cheapest plan that fits with room, with the monthly difference and the commands", () => {
    const advice = adviceOf("TOO_SMALL", { peakMb: 240 }, { plan: "upstash-free", stack: "prod" });
    // 240 of 410 MB are 59%; 250 MB at 10 dollars would be full, 1 GB of Upstash costs 20.
    expect(advice).toMatchObject({
      plan: "upstash-payg",
      monthlyDifferenceUsd: 0.2,
      commands: [
        "export PULUMI_CONFIG_PASSPHRASE=…   # of stack prod",
        "./propiq-cache pulumi config set plan upstash-payg --stack prod",
        "./propiq-cache pulumi preview --stack prod",
        "./propiq-cache pulumi up --stack prod",
      ],
    });
    const busy = { peakMb: 240, commandsPerMonth: 30_000_000 };
    expect(adviceOf("TOO_SMALL", busy, { plan: "upstash-free" })).toMatchObject({
      plan: "azure-managed-b0",
      monthlyDifferenceUsd: 11.68,
    });
  });

  it("that evicts needs more than its own limit, whatever its memory reads", () => {
    const lossy = { peakMb: 100, evictedKeys: 9, hitRate: 0.4, commandsPerMonth: 30_000_000 };
    expect(adviceOf("TOO_SMALL", lossy, { plan: "upstash-fixed-250mb" })?.plan).toBe("azure-managed-b0");
  });

  it("on this machine gets more memory, in steps of 50 MB", () => {
    const advice = adviceOf("TOO_SMALL", { peakMb: 95, limitMb: 100 }, { plan: "native", stack: "native" });
    expect(advice?.commands).toEqual([
      "./propiq-cache pulumi config set maxMemoryMb 150 --stack native",
      "./propiq-cache dev",
    ]);
    expect(advice?.plan).toBeUndefined();
  });

  it("says so where nothing is large enough", () => {
    const huge = { peakMb: 200_000 };
    expect(adviceOf("TOO_SMALL", huge, { plan: "azure-c1" })?.because).toContain(
      "No plan here is large enough",
    );
  });
});

describe("a plan does not fit from 70% of a limit on:", () => {
  // Each row is just above the share, and at it.
  it.each<[Plan, Partial<Figures>, Partial<Figures>, RegExp]>([
    ["upstash-free", { peakMb: 179.3 }, { peakMb: 179.2 }, /^179 MB of 256 MB for data \(70%\)$/],
    ["azure-managed-b0", { peakMb: 286.8 }, { peakMb: 286.7 }, /MB of 410 MB for data/],
    ["upstash-free", { connections: 7001 }, { connections: 7000 }, /^7,001 of 10,000 connections/],
    [
      "upstash-free",
      { commandsPerMonth: 350_001 },
      { commandsPerMonth: 350_000 },
      /^350,001 of 500,000 commands a month/,
    ],
    ["upstash-free", { trafficGbPerMonth: 7.1 }, { trafficGbPerMonth: 7 }, /^7\.1 GB of 10 GB of traffic/],
    ["upstash-fixed-250mb", { trafficGbPerMonth: 36 }, { trafficGbPerMonth: 35 }, /^36 GB of 50 GB/],
    ["upstash-fixed-1gb", { trafficGbPerMonth: 71 }, { trafficGbPerMonth: 70 }, /^71 GB of 100 GB/],
  ])("%s, %j but not %j", (plan, above, at, words) => {
    const fitAt = (change: Partial<Figures>) => asked(change).plans.find((fit) => fit.plan === plan);
    expect(fitAt(above)).toMatchObject({ fits: false, against: [expect.stringMatching(words)] });
    expect(fitAt(at)).toMatchObject({ fits: true, against: [] });
  });
});

describe("a plan that is larger than needed", () => {
  it("is to be replaced by the cheapest plan that fits, with what that saves", () => {
    const current: Current = { plan: "azure-managed-b1", stack: "prod" };
    expect(asked({}, current)).toMatchObject({ size: "too-large", monthlyUsd: 23.36 });
    expect(adviceOf("TOO_LARGE", {}, current)).toMatchObject({
      because:
        "Larger than needed: 12 MB of 819 MB (1%) at most, for $23.36 a month. The cheapest that fits is upstash-free, $0.00 a month.",
      plan: "upstash-free",
      monthlyDifferenceUsd: -23.36,
    });
  });

  it("is one from a saving of more than a cent", () => {
    const sizeAt = (statedUsd: number) =>
      asked({ limitMb: 1000, commandsPerMonth: 30_000_000, peakMb: 200 }, { plan: "external", statedUsd })
        .size;
    expect(sizeAt(11.7)).toBe("too-large");
    expect(sizeAt(11.69)).toBe("fits");
    expect(sizeAt(11.68)).toBe("fits");
  });

  it("keeps its high availability", () => {
    expect(adviceOf("TOO_LARGE", {}, { plan: "azure-managed-b1-ha" })).toMatchObject({
      plan: "azure-managed-b0-ha",
      monthlyDifferenceUsd: -23.36,
    });
    expect(asked({}, { plan: "azure-managed-b0-ha" }).size).toBe("fits");
  });

  it("does not exist where the cheapest plan already runs", () => {
    expect(asked({}, { plan: "upstash-free" })).toMatchObject({ size: "fits", monthlyUsd: 0, advice: [] });
  });

  it("costs what its use costs, where it is billed by use", () => {
    const paid = asked(
      { commandsPerMonth: 10_000_000, peakMb: 3 * 1024 },
      { plan: "upstash-payg", statedUsd: 60 },
    );
    expect(paid.monthlyUsd).toBe(20.5);
    const unknown = { commandsPerMonth: undefined as never };
    expect(asked(unknown, { plan: "upstash-payg", statedUsd: 60 }).monthlyUsd).toBe(60);
  });
});

it("a plan that ends is reported with its successor and its price", () => {
  expect(adviceOf("PLAN_ENDS", {}, { plan: "azure-c0", stack: "prod" })).toMatchObject({
    because: "azure-c0 ends on 2028-09-30. Its successor is azure-managed-b0, $11.68 a month.",
    plan: "azure-managed-b0",
    monthlyDifferenceUsd: -4.38,
  });
  expect(codes({}, { plan: "azure-managed-b0" })).not.toContain("PLAN_ENDS");
});

it("no advice names a plan that ends", () => {
  const { plans } = asked({}, { plan: "azure-c1" });
  const ending = plans.filter(({ against }) => against.some((why) => why.includes("ends on")));
  expect(ending.map(({ plan }) => plan).toSorted()).toEqual([
    "azure-c0",
    "azure-standard-c0",
    "azure-standard-c1",
  ]);
});

describe("a cache without a price", () => {
  it("gets the cheapest cloud plan that fits", () => {
    expect(adviceOf("CHEAPEST_PLAN", {}, {})).toMatchObject({
      plan: "upstash-free",
      monthlyDifferenceUsd: null,
    });
    expect(adviceOf("CHEAPEST_PLAN", {}, { plan: "native" })).toMatchObject({ monthlyDifferenceUsd: 0 });
    expect(codes({}, { plan: "azure-managed-b0" })).not.toContain("CHEAPEST_PLAN");
  });

  it("is compared where the stack says what it costs", () => {
    const stated = asked({ limitMb: 1000 }, { plan: "external", statedUsd: 30 });
    expect(stated).toMatchObject({ size: "too-large", monthlyUsd: 30 });
  });
});

describe("keys", () => {
  it("without an end are counted, put in MB and found", () => {
    const keys = { sampled: 100, withoutTtl: 25, endlessBytes: 3 * 1024 * 1024, endless: ["user 25"] };
    expect(adviceOf("KEYS_WITHOUT_TTL", { keysWithoutTtl: 250 }, {}, keys)?.because).toMatch(
      /^250 of 1,000 keys, about 3\.0 MB, never go by themselves \(in the sample: user 25\): give them one of CACHE_TTL_SHORT/,
    );
    const untold = { keysWithoutTtl: undefined as never };
    expect(adviceOf("KEYS_WITHOUT_TTL", untold, {}, keys)?.because).toMatch(/^25 of 100 sampled keys/);
    expect(codes({ keysWithoutTtl: 0 }, {}, { sampled: 100, withoutTtl: 0 })).not.toContain(
      "KEYS_WITHOUT_TTL",
    );
  });

  it("of 1 MB and more are reported", () => {
    const largest = (bytes: number) => ({ largest: { namespace: "report", bytes } });
    expect(adviceOf("LARGE_KEY", {}, {}, largest(1024 * 1024))?.because).toContain(
      "One key in report takes 1.0 MB",
    );
    expect(codes({}, {}, largest(1024 * 1024 - 1))).not.toContain("LARGE_KEY");
  });
});

it("each advice has a figure, and none contains a missing value", () => {
  const plans = [
    "azure-c0",
    "azure-managed-b1",
    "upstash-free",
    "upstash-payg",
    "native",
    "external",
    undefined,
  ] as const;
  const changes: Partial<Figures>[] = [
    {},
    { peakMb: 250, evictedKeys: 4, hitRate: 0.2 },
    { peakMb: undefined as never, commandsPerMonth: undefined as never, connections: undefined as never },
    { peakMb: 0, connections: 0, commandsPerMonth: 0 },
  ];
  for (const plan of plans) {
    for (const change of changes) {
      const { advice, assumptions } = asked(change, plan === undefined ? {} : { plan, stack: "prod" }, {
        ...{ sampled: 9, withoutTtl: 3, endless: ["a 3"], largest: { namespace: "a", bytes: 5_000_000 } },
      });
      for (const { because } of advice) expect(because).toMatch(/\d/);
      expect(JSON.stringify([advice, assumptions])).not.toMatch(/undefined|NaN|Infinity/);
    }
  }
});

it.each<[Partial<Figures>, Current, RegExp]>([
  [{ peakOver: "now" }, {}, /of this moment/],
  [{ peakOver: "start", uptimeSeconds: 7200 }, {}, /server started, 2 hours ago/],
  [{ peakOver: "history", runs: 1234 }, {}, /1,234 runs/],
  [{ commandsPerMonth: undefined as never }, {}, /Commands a month are not known/],
  [{}, { plan: "azure-managed-b1" }, /Upstash has no region in Azure/],
  [{}, { plan: "native" }, /not the use of many/],
  [{}, {}, /at most 70%/],
])("says what it assumes: %j", (change, current, words) => {
  expect(asked(change, current).assumptions.join("\n")).toMatch(words);
});
