import { expect, it } from "vitest";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { withBlock } from "../../../infra/provider/env-file/block.ts";
import { judgeEnvFile } from "../../../operations/drift/judge-env-file.ts";
import { switched } from "../../../operations/switch/settings.ts";

const settings = Object.fromEntries(
  Object.entries(
    settingsFor({
      enabled: true,
      target: { host: "127.0.0.1", port: 6379, tls: false, db: 0, password: "pässwörd" },
      ttl: { short: 60, medium: 300, long: 3600, day: 86_400 },
    }),
  ),
);
const block = (entries: Readonly<Record<string, string>> = settings, owner = "dev") =>
  withBlock("OWN=1\n", { owner, entries });

function judged(text: string | undefined) {
  const { findings, notes } = judgeEnvFile("dev", { path: ".env", settings }, text);
  return {
    codes: findings.map(({ code }) => code),
    keys: findings.flatMap(({ keys }) => keys.map(({ name, change }) => `${name} ${change}`)),
    notes,
  };
}

it("has not drifted with our block in it, whatever else stands there", () => {
  expect(judged(`${block()}MORE=2\n`)).toEqual({ codes: [], keys: [], notes: [] });
});

it.each([
  ["a line behind the block that wins", `${block()}REDIS_PORT=1\n`, "REDIS_PORT changed"],
  ["a line of the block that was edited", block({ ...settings, REDIS_DB: "4" }), "REDIS_DB changed"],
  ["a line of the block that was taken out", block().replace(/REDIS_TLS=.*\n/, ""), "REDIS_TLS removed"],
])("reports %s by its key", (_, text, key) => {
  expect(judged(text)).toEqual({ codes: ["SETTINGS_CHANGED"], keys: [key], notes: [] });
});

it("recognizes a block that `off` wrote by its fingerprint", () => {
  expect(judged(block(switched(settings, false)))).toMatchObject({
    codes: [],
    notes: [expect.stringContaining("disabled by off")],
  });
  expect(judged(block({ ...settings, REDIS_ENABLED: "false" })).codes).toEqual(["SETTINGS_CHANGED"]);
});

it.each([
  ["the file is gone", undefined, "GONE"],
  ["the block is gone", "OWN=1\n", "GONE"],
  ["another stack has written it", block(settings, "native"), "OTHER_OWNER"],
])("reports when %s", (_, text, code) => {
  const told = judged(text);
  expect(told.codes).toEqual([code]);
  expect(told.keys).toContain("REDIS_URL removed");
});
