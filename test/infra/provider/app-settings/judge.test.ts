import { describe, expect, it } from "vitest";
import type { CacheHealth, Health } from "../../../../check/app/health.ts";
import { type Expected, type Judgement, startJudge } from "../../../../infra/provider/app-settings/judge.ts";

const NEW = "new";
const document = (cache: Partial<CacheHealth> = {}, status = "healthy"): Health => ({
  answer: "document",
  httpStatus: 200,
  words: "HTTP 200",
  status,
  cache: { enabled: true, connected: true, knowsFingerprint: "fingerprint" in cache, ...cache },
});
const echo = (fingerprint: string, more: Partial<CacheHealth> = {}) => document({ fingerprint, ...more });
const down: Health = { answer: "unhealthy", httpStatus: 503, words: "HTTP 503" };
const unreachable: Health = { answer: "unreachable", words: "ECONNREFUSED" };
const forbidden: Health = { answer: "refused", httpStatus: 403, words: "HTTP 403" };
const missing: Health = { answer: "refused", httpStatus: 404, words: "HTTP 404" };
const page: Health = { answer: "no-document", httpStatus: 200, words: "HTTP 200" };

/** The judgement after answers at 400 ms from each other, and the second at which it fell. */
function judged(
  answers: (second: number) => Health,
  expected: Partial<Expected> = {},
): { judgement: Judgement; second: number } {
  const judge = startJudge({
    fingerprint: NEW,
    enabled: true,
    proof: false,
    timeoutMs: 300_000,
    baseline: echo("old"),
    ...expected,
  });
  for (let atMs = 0; atMs < 1_000_000; atMs += 400) {
    const judgement = judge(answers(atMs / 1000), atMs);
    if (judgement.state !== "waiting") return { judgement, second: atMs / 1000 };
  }
  throw new Error("the judge never made up its mind");
}

describe("an app that echoes its settings", () => {
  it("is seen after several answers over several seconds", () => {
    const { judgement, second } = judged(() => echo(NEW));
    expect(judgement).toEqual({ state: "seen" });
    expect(second).toBeGreaterThanOrEqual(3);
    expect(second).toBeLessThan(5);
  });

  it("is not seen while an old worker answers in between", () => {
    const { judgement, second } = judged((at) =>
      at < 20 && Math.round(at / 0.4) % 5 === 4 ? echo("old") : echo(NEW),
    );
    expect(judgement).toEqual({ state: "seen" });
    expect(second).toBeGreaterThan(22);
  });

  it("may be down while it restarts", () => {
    expect(judged((at) => (at < 60 ? down : echo(NEW))).judgement).toEqual({ state: "seen" });
  });

  it("is bad when it still answers from the old settings at the end", () => {
    const { judgement, second } = judged(() => echo("old"), { timeoutMs: 60_000 });
    expect(judgement).toEqual({ state: "bad", words: expect.stringContaining("other settings") });
    expect(second).toBe(60);
  });

  it("is bad when it was well and is down at the end", () => {
    const { judgement } = judged(() => down, { timeoutMs: 60_000 });
    const words = expect.stringMatching(/^the app's health is HTTP 503\. Before: /);
    expect(judgement).toEqual({ state: "bad", words });
  });

  it("is bad before the timeout when it keeps saying that its cache is disabled", () => {
    const { judgement, second } = judged(() => echo(NEW, { connected: false, reason: "WRONGPASS" }));
    expect(judgement).toEqual({ state: "bad", words: expect.stringMatching(/not connected.*WRONGPASS/) });
    expect(second).toBeLessThan(30);
  });

  it("may need time to connect", () => {
    expect(judged((at) => echo(NEW, { connected: at > 10 })).judgement).toEqual({ state: "seen" });
  });

  it("is expected to be disabled where the settings say so", () => {
    const off = echo(NEW, { enabled: false, connected: false });
    expect(judged(() => off, { enabled: false }).judgement).toEqual({ state: "seen" });
  });

  it("counts a document that calls itself unhealthy as down", () => {
    const sick = document({ fingerprint: NEW }, "unhealthy");
    expect(judged(() => sick, { timeoutMs: 60_000 }).judgement.state).toBe("bad");
  });

  it("is seen by its echo where it had no settings of ours before, however slowly it restarts", () => {
    const before = document({ enabled: false, connected: false, knowsFingerprint: true });
    const { judgement } = judged((at) => (at < 40 ? before : echo(NEW)), { baseline: before });
    expect(judgement).toEqual({ state: "seen" });
  });
});

describe("an app that echoes nothing", () => {
  it.each([
    ["has no health document", missing],
    ["does not show it", forbidden],
    ["answers with a page", page],
    ["has a document without a word of the cache", { ...document(), cache: undefined } as unknown as Health],
    ["has a document without a fingerprint", document({ knowsFingerprint: false })],
    ["has a document with a fingerprint of null", document({ knowsFingerprint: true })],
  ])("stops nothing where it %s and did so before", (_, health) => {
    const { judgement, second } = judged(() => health, { baseline: health });
    expect(judgement.state).toBe("unseen");
    expect(second).toBeGreaterThanOrEqual(10);
    expect(second).toBeLessThan(60);
  });

  it("is bad when it had a document and is down at the end", () => {
    expect(judged(() => unreachable, { baseline: document(), timeoutMs: 60_000 }).judgement.state).toBe(
      "bad",
    );
    expect(judged(() => forbidden, { baseline: document(), timeoutMs: 60_000 }).judgement.state).toBe("bad");
  });

  it("stops nothing where it was down before", () => {
    expect(judged(() => down, { baseline: down, timeoutMs: 60_000 }).judgement.state).toBe("unseen");
    const { judgement, second } = judged(() => unreachable, { baseline: unreachable });
    expect(judgement.state).toBe("unseen");
    expect(second).toBe(30);
  });

  it("is bad when it says that its cache is disabled", () => {
    const off = document({ enabled: false, reason: "no module", knowsFingerprint: false });
    const { judgement } = judged(() => off, {
      baseline: document({ knowsFingerprint: false }),
      timeoutMs: 60_000,
    });
    expect(judgement).toEqual({ state: "bad", words: expect.stringMatching(/off.*no module/) });
  });
});

describe("an app that is the proof itself", () => {
  it("must say that it is connected on the new settings", () => {
    expect(judged(() => echo(NEW), { proof: true }).judgement).toEqual({ state: "seen" });
    expect(judged(() => page, { proof: true, baseline: page, timeoutMs: 60_000 }).judgement.state).toBe(
      "bad",
    );
    const mute: Health = { ...document(), cache: { fingerprint: NEW, knowsFingerprint: true } };
    expect(judged(() => mute, { proof: true, timeoutMs: 60_000 }).judgement.state).toBe("bad");
  });
});

describe("an app that gets its own settings back", () => {
  const gone = { fingerprint: undefined, enabled: false };
  it("is seen as soon as no worker echoes our settings", () => {
    const { judgement, second } = judged(
      (at) => (at < 10 ? echo("old") : document({ knowsFingerprint: true })),
      gone,
    );
    expect(judgement).toEqual({ state: "seen" });
    expect(second).toBeLessThan(15);
  });
});
