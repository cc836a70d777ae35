import { afterAll, beforeAll, expect, it } from "vitest";
import { pluginStart } from "./plugin-start.ts";
import { openWorkshop, type Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop(() => {});
});
afterAll(() => workshop.close());

it.each(["azure-native", "docker", "upstash"] as const)("has a plugin %s that starts", async (name) => {
  expect(await pluginStart(workshop.plugins[name])(() => {})).toBeGreaterThan(0);
});
