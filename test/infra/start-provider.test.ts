/** What is preloaded into the Pulumi program, against a monitor such as the engine's. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import service from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import type proto from "@pulumi/pulumi/proto/resource_pb.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { START_TOKEN } from "../../infra/provider/protocol/start-token.ts";
import { freePort } from "../../rehearsal/ports.ts";

const PRELOAD = join(PROJECT_ROOT, "infra", "start-provider.ts");

let folder: string;
let server: Server;
let address: string;
let tokens: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-monitor-"));
  tokens = [];
  server = new Server();
  const invoke: handleUnaryCall<proto.ResourceInvokeRequest, provider.InvokeResponse> = (call, answer) => {
    tokens.push(call.request.getTok());
    writeFileSync(join(folder, "asked"), "");
    answer(null, new provider.InvokeResponse());
  };
  server.addService({ invoke: service.ResourceMonitorService.invoke }, { invoke });
  const port = await promisify<string, ServerCredentials, number>(server.bindAsync.bind(server))(
    "127.0.0.1:0",
    ServerCredentials.createInsecure(),
  );
  address = `127.0.0.1:${port}`;
});
afterEach(async () => {
  server.forceShutdown();
  await rm(folder, { recursive: true });
});

/** A program that gives its process no turn until the monitor was asked, or until five seconds are over. */
const BUSY = `
  const { existsSync } = require("node:fs");
  const end = Date.now() + 5000;
  let asked = false;
  while (!asked && Date.now() < end) asked = existsSync(process.env.ASKED);
  console.log(asked ? "asked" : "not asked");
`;

async function run(code: string, ...words: string[]): Promise<string> {
  const node = ["--import", PRELOAD, "--eval", code, "--", ...words];
  const env = { ...process.env, ASKED: join(folder, "asked") };
  return (await promisify(execFile)(process.execPath, node, { env })).stdout.trim();
}

it("the engine is asked to start the provider before the program is loaded", async () => {
  expect(await run(BUSY, "--monitor", address)).toBe("asked");
  expect(tokens).toEqual([START_TOKEN]);
});

it("the program runs without a monitor, and where none answers", async () => {
  expect(await run("console.log('ran')")).toBe("ran");
  expect(await run("console.log('ran')", "--monitor", `127.0.0.1:${await freePort()}`)).toBe("ran");
  expect(tokens).toEqual([]);
});
