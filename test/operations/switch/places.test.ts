import { expect, it } from "vitest";
import { distinctTargets } from "../../../operations/switch/places.ts";

const one = { REDIS_ENABLED: "false", REDIS_URL: "rediss://:secret@one.example:6380/0" };

it("finds each cache once, also where it is disabled", () => {
  const found = distinctTargets([
    one,
    { ...one, OTHER: "x" },
    { REDIS_HOST: "two.example", REDIS_PORT: "10000" },
  ]);
  expect(found.map(({ host, port }) => `${host}:${port}`)).toEqual(["one.example:6380", "two.example:10000"]);
});

it("passes over settings that lead nowhere", () => {
  expect(distinctTargets([{}, { REDIS_URL: "@Microsoft.KeyVault(SecretUri=https://v/secrets/n)" }])).toEqual(
    [],
  );
});
