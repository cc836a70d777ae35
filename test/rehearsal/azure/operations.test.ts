import { expect, it } from "vitest";
import type { ArmRequest } from "../../../rehearsal/azure/message.ts";
import { Operations } from "../../../rehearsal/azure/operations.ts";

/** The parts of a request that an operation reads. */
const REQUEST = { apiVersion: "2024-11-01" } as ArmRequest;

const broken = async () => {
  throw new Error("its redis-server was killed");
};

it.each([
  ["its work and its way back", { work: broken, succeed: () => {}, fail: broken }],
  ["its end", { succeed: broken, fail: () => {} }],
])("an operation in which %s fail ends as Failed, and is a defect of the emulator", async (_what, steps) => {
  const defects: unknown[] = [];
  const operations = new Operations(
    () => "https://127.0.0.1",
    "a-subscription",
    (error) => defects.push(error),
  );
  const { asyncOperation } = operations.start(REQUEST, {
    ...{ namespace: "Microsoft.Cache", location: "East US", collection: "asyncOperations" },
    ...{ durationMs: 0, running: "Deleting", ...steps },
  });
  const { pathname } = new URL(asyncOperation);
  const id = pathname.split("/").at(-1) ?? "";
  await expect
    .poll(async () => (await operations.status(id, pathname)).body)
    .toMatchObject({ status: "Failed", error: { code: "InternalServerError" } });
  expect(defects.map(String)).toContain("Error: its redis-server was killed");
});
