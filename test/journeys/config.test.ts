/** Several keys at once: all of them or none, and secrets by standard input. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());
const config = (...words: string[]) => project.run(["config", ...words, "--stack", "prod"]);
const file = () => project.read("Pulumi.prod.yaml");

it("sets keys, lists and nested keys, and keeps the rest of the file", async () => {
  const before = await file();
  const run = await config("set", "plan=azure-c0", "standby[0]=upstash-free", "azure.location=westeurope");
  expect(run.code, run.all).toBe(0);
  expect(run.stdout).toMatch(/Written to Pulumi\.prod\.yaml:\n.*plan: "azure-c0"/);
  const after = await file();
  expect(after).toContain("propiq-cache:plan: azure-c0");
  expect(after).toMatch(/propiq-cache:standby:\n\s+- upstash-free/);
  expect(after.split("\n")[0]).toBe(before.split("\n")[0]);
  const back = await config("rm", "standby", "azure", "colour");
  expect(back.code, back.all).toBe(0);
  expect(back.stdout).toContain("colour is not in Pulumi.prod.yaml.");
  expect((await config("set", "plan=upstash-free")).code).toBe(0);
  expect(await file()).toBe(before);
});

it("writes nothing where one of them is wrong, and starts no engine for that", async () => {
  const before = await file();
  const run = await config("set", "plan=azure-c0", "port=6390", "colour=red");
  expect(run.code, run.all).toBe(2);
  expect(run.stderr).toContain("propiq-cache:colour: there is no such key");
  expect(run.stderr).toContain("propiq-cache:port: belongs to the plans docker and native");
  expect(await file()).toBe(before);
  expect((await config("rm", "plan")).code).toBe(2);
  expect(await file()).toBe(before);
});

it("stores a secret from standard input, beside plain keys, and never shows it", async () => {
  const env = { PULUMI_CONFIG_PASSPHRASE: "team" };
  await project.run(["pulumi", "stack", "init", "prod", "--non-interactive"], { env });
  const words = ["config", "set", "plan=external", "url=-", "--stack", "prod"];
  const wrong = await project.run(words, { env, input: "http://:hunter2@cache.example:6379" });
  expect(wrong.code, wrong.all).toBe(2);
  expect(await file()).not.toContain("external");
  const run = await project.run(words, { env, input: "redis://:hunter2@cache.example:6379\n" });
  expect(run.code, run.all).toBe(0);
  expect(run.all + wrong.all).not.toContain("hunter2");
  expect(await file()).toMatch(/propiq-cache:url:\n\s+secure: v1:/);
});
