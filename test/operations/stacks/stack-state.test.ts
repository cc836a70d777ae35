/** The history that Pulumi prints says whether the stack was left half-way. */
import { expect, it } from "vitest";
import { isFailedUpdate } from "../../../operations/stacks/stack-state.ts";

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
