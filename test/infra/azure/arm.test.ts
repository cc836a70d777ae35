import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PropiqError } from "../../../base/errors.ts";
import { ArmError, openArm } from "../../../infra/azure/arm.ts";
import { azureCloud } from "../../../infra/azure/cloud.ts";
import { type Azure, startAzure } from "../../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../../rehearsal/azure/trust.ts";

const GROUP_API = "2025-04-01";
let azure: Azure;
let distrust: () => void;
beforeAll(async () => {
  azure = await startAzure();
  distrust = trustInThisProcess(azure.authority);
});
afterAll(async () => {
  distrust();
  await azure.stop();
});

const open = (env: NodeJS.ProcessEnv = azure.env) => openArm({ env, subscriptionId: azure.subscriptionId });
const group = () => ({
  method: "GET" as const,
  path: `/subscriptions/${azure.subscriptionId}/resourcegroups/propiq-rg`,
  apiVersion: GROUP_API,
});
const asked = (method: string) =>
  azure.log.filter((entry) => entry.method === method && /resourcegroups\/propiq-rg$/i.test(entry.path))
    .length;

describe("Resource Manager", () => {
  it("is found by its metadata host", async () => {
    const cloud = await azureCloud(azure.env);
    expect(cloud).toMatchObject({
      resourceManager: azure.origin,
      audience: expect.stringMatching(/^https:/),
    });
    const { ARM_METADATA_HOSTNAME: host = "", ...rest } = azure.env;
    expect(await azureCloud(azure.env, { metadataHost: host })).toEqual(cloud);
    await expect(azureCloud(rest, { metadataHost: host })).rejects.toThrow(/not a cloud of Microsoft/);
  });

  it("answers a caller that signs in with a client secret", async () => {
    const { status, body } = await (await open()).request(group());
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "propiq-rg", location: "eastus" });
  });

  it("answers a caller that signs in with the token of a pipeline", async () => {
    expect((await (await open(azure.federatedEnv)).request(group())).status).toBe(200);
  });

  it("ends with a sign-in that never answers, when the caller's time is over", async () => {
    const isAsked = ({ path, status }: { path: string; status: number }) =>
      /oauth2/.test(path) && status === 0;
    const held = azure.fault({ path: /oauth2/, delayMs: 20_000 });
    const caller = new AbortController();
    const asking = (await open()).request({ ...group(), signal: caller.signal });
    const refused = expect(asking).rejects.toThrow("no more time");
    await expect.poll(() => azure.log.some(isAsked)).toBe(true);
    caller.abort(new Error("no more time"));
    await refused;
    expect(azure.log.some(isAsked)).toBe(true);
    held.cancel();
  });

  it("refuses a wrong secret in words that do not repeat it", async () => {
    const secret = "wr0ng/s3cret+%";
    const failing = (await open({ ...azure.env, ARM_CLIENT_SECRET: secret })).request(group());
    const error: unknown = await failing.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(PropiqError);
    expect(String(error)).toMatch(/Cannot sign in to Azure \(secret\): .*AADSTS/);
    expect(String(error)).not.toContain(secret);
  });

  it("asks again for what it only reads, as long as Retry-After says", async () => {
    const before = asked("GET");
    azure.fault({
      method: "GET",
      path: /resourcegroups\/propiq-rg$/,
      times: 2,
      reply: {
        status: 429,
        headers: { "retry-after": "1" },
        body: { error: { code: "TooManyRequests", message: "-" } },
      },
    });
    const startedAt = performance.now();
    expect((await (await open()).request(group())).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(1900);
    expect(asked("GET") - before).toBe(3);
  });

  it("asks again where the connection was dropped", async () => {
    azure.fault({ method: "GET", path: /resourcegroups\/propiq-rg$/, drop: true });
    expect((await (await open()).request(group())).status).toBe(200);
  });

  it("never repeats a write by itself, and says whether an answer came", async () => {
    const put = { ...group(), method: "PUT" as const, body: { location: "eastus" } };
    const before = asked("PUT");
    azure.fault({
      method: "PUT",
      path: /propiq-rg$/,
      reply: { status: 500, body: { error: { code: "X", message: "m" } } },
    });
    const arm = await open();
    await expect(arm.request(put)).rejects.toMatchObject({
      name: "ArmError",
      status: 500,
      code: "X",
      message: "m",
    });
    azure.fault({ method: "PUT", path: /propiq-rg$/, drop: "after" });
    await expect(arm.request(put)).rejects.toMatchObject({ status: undefined, code: "NoAnswer" });
    expect(asked("PUT") - before).toBe(2);
  });

  it("passes on Azure's own code and words", async () => {
    const missing = (await open()).request({ ...group(), path: `${group().path}-not` });
    const error: unknown = await missing.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ArmError);
    expect(error).toMatchObject({ status: 404, code: "ResourceGroupNotFound" });
  });

  it("reads an error also in App Service's own form", async () => {
    const body = {
      Code: "BadRequest",
      Message: "The parameter properties has an invalid value.",
      Details: [],
    };
    azure.fault({ method: "PUT", path: /propiq-rg$/, reply: { status: 400, body } });
    const failing = (await open()).request({ ...group(), method: "PUT", body: {} });
    await expect(failing).rejects.toMatchObject({ status: 400, code: "BadRequest", message: body.Message });
  });

  it("stops when its caller cancels in the middle of a wait", async () => {
    azure.fault({
      method: "GET",
      path: /resourcegroups\/propiq-rg$/,
      reply: { status: 503, headers: { "retry-after": "60" } },
    });
    const giveUp = new AbortController();
    const asking = (await open()).request({ ...group(), signal: giveUp.signal });
    setTimeout(() => giveUp.abort(new Error("given up")), 300);
    await expect(asking).rejects.toThrow("given up");
  });
});
