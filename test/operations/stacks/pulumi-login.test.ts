import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isLoggedIn } from "../../../operations/stacks/pulumi-login.ts";

const CLOUD = "https://api.pulumi.com";
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "propiq-login-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const seen = async (file: string | undefined, env: Record<string, string> = {}) => {
  await rm(join(home, "credentials.json"), { force: true });
  if (file !== undefined) await writeFile(join(home, "credentials.json"), file);
  return await isLoggedIn(CLOUD, { PULUMI_HOME: home, ...env });
};

it("knows who is logged in by a token of the shell, or by what a login left", async () => {
  expect(await seen(undefined, { PULUMI_ACCESS_TOKEN: "pul-1" })).toBe(true);
  expect(await seen(JSON.stringify({ current: CLOUD, accessTokens: { [CLOUD]: "pul-1" } }))).toBe(true);
});

it("is sure that nobody is where no login was, or one to files alone", async () => {
  expect(await seen(undefined)).toBe(false);
  expect(await seen(JSON.stringify({ current: "file:///x", accessTokens: { "file:///x": "" } }))).toBe(false);
});

it("does not say no where the file is encrypted", async () => {
  expect(await seen(JSON.stringify({ version: 1, ciphertext: "AAAA" }))).toBe(true);
  expect(await seen("\u0001\u0002")).toBe(true);
});
