import { describe, expect, it } from "vitest";
import { isFailedUpdate, stateIn } from "../../../operations/stacks/stack-state.ts";

const SECRET = "4dabf18193072939515e22adb298388d";
const URN = "urn:pulumi:prod::propiq-cache::propiq:index:EnvFile::env-file";
const exported = (outputs: unknown, type = "propiq:index:EnvFile", urn: unknown = URN) =>
  JSON.stringify({ deployment: { resources: [{ custom: true, urn, type, id: "x", outputs }] } });
const SOUND = { path: ".env", settings: { REDIS_ENABLED: "true" } };

describe("an exported state", () => {
  it("is read with its secrets", async () => {
    const settings = { [SECRET]: "x", plaintext: JSON.stringify(SOUND.settings) };
    const { resources } = await stateIn(exported({ ...SOUND, settings }), "prod", "drift");
    expect(resources[0]?.outputs).toEqual(SOUND);
  });

  it.each([
    ["a path that is missing", { settings: {} }],
    ["a path that is a list", { ...SOUND, path: [] }],
    ["a path of two lines", { ...SOUND, path: "a\n::add-mask::x" }],
    ["no outputs at all", null],
    ["outputs that are a text", "x"],
    ["settings that are a number", { ...SOUND, settings: 7 }],
    ["settings that are not texts", { ...SOUND, settings: { REDIS_URL: 7 } }],
    ["a secret that is not JSON", { ...SOUND, settings: { [SECRET]: "x", plaintext: "not json" } }],
  ])("with %s ends in a code and a command", async (_what, outputs) => {
    await expect(stateIn(exported(outputs), "prod", "drift")).rejects.toMatchObject({
      code: "STATE_DAMAGED",
      hint: expect.stringContaining("pulumi state delete"),
    });
  });

  it("that is not JSON ends in a code", async () => {
    await expect(stateIn("panic: x", "prod", "drift")).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
  });

  it("is not judged where other providers wrote it", async () => {
    const { resources } = await stateIn(exported({ path: 7 }, "azure-native:redis:Redis"), "prod", "drift");
    expect(resources).toHaveLength(1);
  });
});

describe("the history that Pulumi prints", () => {
  const entry = (kind: string, result: string) => ({ version: 0, kind, result });

  it("an update that failed is the latest, whatever was read after it", () => {
    expect(isFailedUpdate([entry("refresh", "succeeded"), entry("update", "failed")])).toBe(true);
    expect(isFailedUpdate([entry("update", "succeeded"), entry("update", "failed")])).toBe(false);
    expect(isFailedUpdate([entry("refresh", "failed"), entry("update", "succeeded")])).toBe(false);
  });

  it("a destroy ends what an update began", () => {
    expect(isFailedUpdate([entry("destroy", "succeeded"), entry("update", "failed")])).toBe(false);
  });

  it("a stack without a history has no failed update", () => {
    for (const nothing of [[], undefined, {}]) expect(isFailedUpdate(nothing)).toBe(false);
  });
});
