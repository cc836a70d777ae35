/** The provider's port is open to every user of the machine: what it takes from whom. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../../base/paths.ts";
import { START_TOKEN } from "../../../../infra/provider/protocol/start-token.ts";
import { type Plugin, startPlugin } from "../../../support/plugin.ts";

const EXECUTABLE = join(PROJECT_ROOT, "infra", "provider", "pulumi-resource-propiq");
const ENV_FILE = "propiq:index:EnvFile";

let plugin: Plugin;
beforeEach(async () => {
  plugin = await startPlugin([EXECUTABLE, "127.0.0.1:1"], process.env);
});
afterEach(() => plugin.stop());

const NEVER = { path: "/nowhere/propiq/.env", settings: { REDIS_ENABLED: "true" } };

describe("the provider's port", () => {
  it("does nothing before an engine has configured it", async () => {
    const asked = [
      plugin.check(ENV_FILE, NEVER),
      plugin.diff(ENV_FILE, NEVER, NEVER),
      plugin.create(ENV_FILE, NEVER),
      plugin.read(ENV_FILE, "x", NEVER),
      plugin.update(ENV_FILE, "x", NEVER, NEVER),
      plugin.delete(ENV_FILE, "x", NEVER),
    ];
    for (const outcome of await Promise.allSettled(asked))
      expect(outcome).toMatchObject({ reason: { message: expect.stringContaining("not configured") } });
    await plugin.configure({});
    expect((await plugin.check(ENV_FILE, NEVER)).failures).toEqual([]);
  });

  it("creates and updates nothing from inputs that its check refuses", async () => {
    await plugin.configure({});
    const hostile = { ...NEVER, settings: { "evil\nLD_PRELOAD": "x" } };
    const refused = "must be a name in capitals";
    await expect(plugin.create(ENV_FILE, hostile)).rejects.toThrow(refused);
    await expect(plugin.update(ENV_FILE, "x", NEVER, hostile)).rejects.toThrow(refused);
    await expect(plugin.create(ENV_FILE, { path: 7, settings: {} })).rejects.toThrow(
      "must be of kind string",
    );
  });

  it("has one function, which does nothing: the engine starts the provider to call it", async () => {
    await plugin.configure({});
    expect((await plugin.invoke(START_TOKEN)).values).toEqual({});
    await expect(plugin.invoke("propiq:index:other")).rejects.toThrow("has no function propiq:index:other");
  });

  it("reports to the engine that started it, and to no other", async () => {
    await expect(plugin.attach("127.0.0.1:2")).rejects.toThrow("another engine");
  });
});

describe("a state that was damaged", () => {
  const TYPES: Readonly<Record<string, Record<string, unknown>>> = {
    [ENV_FILE]: NEVER,
    "propiq:index:LocalRedis": { folder: "/nowhere/propiq/redis", port: 6379, maxMemoryMb: 10 },
    "propiq:index:VerifiedCache": {
      ...{ settings: {}, plan: "native", provider: "native", cache: "x", waitSeconds: 1, expect: {} },
    },
  };
  const DAMAGES = [null, 7, "x", true, [], { deep: { deeper: null } }, "", -1];

  it.each(Object.entries(TYPES))(
    "of %s ends in a code and a command, whatever stands there",
    async (type, state) => {
      await plugin.configure({});
      for (const key of Object.keys(state))
        for (const damage of DAMAGES) {
          if (typeof damage === typeof state[key] && !Array.isArray(damage)) continue;
          const damaged = { ...state, [key]: damage };
          for (const asked of [
            plugin.read(type, "x", damaged as never),
            plugin.delete(type, "x", damaged as never),
            plugin.update(type, "x", damaged as never, state as never),
          ])
            await expect(asked, `${key} ${JSON.stringify(damage)}`).rejects.toThrow(
              /is damaged: .*\n[\s\S]*Run: \.\/propiq-cache pulumi state delete/,
            );
        }
    },
  );
});
