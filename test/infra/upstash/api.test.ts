import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openUpstash, type UpstashApi, UpstashError } from "../../../infra/upstash/api.ts";
import { type Authority, makeAuthority } from "../../../rehearsal/tls.ts";
import { startUpstash, type Upstash } from "../../../rehearsal/upstash/emulator.ts";
import { refusals } from "../../../rehearsal/upstash/refusals.ts";
import { reachInThisProcess } from "../../../rehearsal/upstash/trust.ts";

let authority: Authority;
let upstash: Upstash;
let unreach: () => void;
let api: UpstashApi;
let id: string;
beforeAll(async () => {
  authority = await makeAuthority();
});
afterAll(() => authority.remove());
beforeEach(async () => {
  upstash = await startUpstash({ authority, conditions: { planChangeMs: 0 } });
  unreach = reachInThisProcess(upstash);
  api = openUpstash(upstash.env);
  id = await upstash.makeDatabase({ name: "cache", plan: "payg" });
});
afterEach(async () => {
  unreach();
  await upstash.stop();
});

const failure = async (work: Promise<unknown>): Promise<UpstashError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UpstashError)) throw new Error(`no refusal but ${String(error)}`);
  return error;
};

describe("the developer API", () => {
  it("lists and reads databases, without their passwords", async () => {
    const [running] = upstash.databases();
    const expected = { id, name: "cache", plan: "payg", host: running?.host, port: 6379, state: "active" };
    expect(await api.list()).toEqual([expect.objectContaining(expected)]);
    expect(await api.get(id)).toMatchObject(expected);
    expect(JSON.stringify(await api.list())).not.toContain(running?.password.slice(0, 10));
  });

  it("finds nothing under the id of a deleted database, and a second delete is not an error", async () => {
    await api.remove(id);
    expect(upstash.databases()).toEqual([]);
    expect(await api.get(id)).toBeUndefined();
    await api.remove(id);
  });

  it("counts a refusal to read as a deleted database only where the list does not have it", async () => {
    upstash.fault({ path: /database\/./, reply: { status: 400, body: "something" } });
    expect((await failure(api.get(id))).status).toBe(400);
    await upstash.removeDatabase(id);
    upstash.fault({ path: /database\/./, reply: { status: 400, body: "something" } });
    expect(await api.get(id)).toBeUndefined();
  });

  it.each(["free", "fixed_250mb", "fixed_1gb", "payg"] as const)(
    "changes to plan %s and reads it back",
    async (plan) => {
      await api.changePlan(id, plan);
      await expect.poll(async () => (await api.get(id))?.plan).toBe(plan);
    },
  );

  it("changes the budget", async () => {
    await api.changeBudget(id, 7);
    expect((await api.get(id))?.budget).toBe(7);
  });

  it("reports a wrong key without repeating it", async () => {
    const wrong = openUpstash({ ...upstash.env, UPSTASH_API_KEY: 'wr0ng/+"key&' });
    const error = await failure(wrong.list());
    expect(error).toMatchObject({ status: 401, hint: expect.stringContaining("UPSTASH_API_KEY") });
    expect(error.message + error.hint).not.toContain("wr0ng");
  });

  it("never repeats the key, also where the service does", async () => {
    const { email, apiKey } = upstash;
    const basic = Buffer.from(`${email}:${apiKey}`).toString("base64");
    const body = { error: `no: ${apiKey}\u001b[31m and ${basic} and ${encodeURIComponent(apiKey)}` };
    upstash.fault({ path: /databases/, reply: { status: 400, body } });
    const { message } = await failure(api.list());
    expect(message).toMatch(/no: \[secret\] .* and \[secret\] and \[secret\] \(status 400\)$/);
    expect(message).not.toContain("\u001b");
  });

  it("asks for a read again after 500, a dropped connection and as long as Retry-After asks", async () => {
    upstash.fault({ path: /databases/, reply: { status: 500 } });
    upstash.fault({ path: /databases/, drop: true });
    upstash.fault({ path: /databases/, reply: refusals.tooManyRequests(1).reply });
    expect(await api.list()).toHaveLength(1);
    const times = upstash.log.map(({ at }) => at);
    expect(times).toHaveLength(4);
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThan(950);
  });

  it("repeats a write after 429, when nothing was done, and never after anything else", async () => {
    upstash.fault({ method: "POST", path: /change-plan/, reply: refusals.tooManyRequests(0).reply });
    await api.changePlan(id, "fixed_1gb");
    upstash.fault({ method: "POST", path: /change-plan/, reply: { status: 503 } });
    expect(await failure(api.changePlan(id, "payg"))).toMatchObject({ status: 503 });
    expect(upstash.log.filter(({ method }) => method === "POST").map(({ status }) => status)).toEqual([
      429, 200, 503,
    ]);
  });

  it("says what Upstash refuses in Upstash's words", async () => {
    await upstash.makeDatabase({ name: "other", plan: "free" });
    expect((await failure(api.changePlan(id, "free"))).message).toContain("one free database per account");
  });

  it("stops asking when its caller cancels", async () => {
    upstash.fault({ path: /databases/, times: 9, reply: refusals.tooManyRequests(60).reply });
    const given = new AbortController();
    const asking = api.list(given.signal);
    setTimeout(() => given.abort(new Error("enough")), 50);
    await expect(asking).rejects.toThrow();
    expect(upstash.log.length).toBeLessThan(3);
  });

  it("reports a host that cannot be reached, and the proxy that may be needed", async () => {
    unreach();
    const env = { ...upstash.env, HTTPS_PROXY: "http://127.0.0.1:9" };
    unreach = reachInThisProcess({ env, authority });
    const { message, hint, status } = await failure(api.changePlan(id, "free"));
    expect(message).toContain("could not be asked to change database");
    expect(hint).toContain("NODE_USE_ENV_PROXY=1");
    expect(status).toBeUndefined();
  });
});
