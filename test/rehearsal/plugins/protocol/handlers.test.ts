import { status } from "@grpc/grpc-js";
import type plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { handlersOf } from "../../../../rehearsal/plugins/protocol/handlers.ts";
import { STAND_INS, type StandInName } from "../../../../rehearsal/plugins/stand-ins.ts";

const running: Promise<unknown>[] = [];
beforeEach(() => {
  running.length = 0;
  for (const name of ["UPSTASH_EMAIL", "UPSTASH_API_KEY", "ARM_METADATA_HOSTNAME"]) vi.stubEnv(name, "");
});

const handlers = async (name: StandInName) =>
  handlersOf(await STAND_INS[name].load(), (call) => running.push(call));

/** What the engine would get: the answer, or the error's code and words. */
function ask(handler: unknown, request: object): Promise<unknown> {
  return new Promise((resolve) => {
    Reflect.apply(handler as () => void, undefined, [
      { request },
      (error: { code: number; details: string } | null, answer: unknown) =>
        resolve(error === null ? answer : [error.code, error.details]),
    ]);
  });
}

describe("a stand-in", () => {
  it.each<[StandInName, string[]]>([
    ["azure-native", ["checkConfig", "diffConfig", "invoke"]],
    ["docker", ["checkConfig", "diffConfig"]],
    ["upstash", []],
  ])("for %s leaves out what the real provider, or it, answers UNIMPLEMENTED", async (name, has) => {
    const own = await handlers(name);
    expect(["checkConfig", "diffConfig", "invoke"].filter((method) => Object.hasOwn(own, method))).toEqual(
      has,
    );
  });

  it.each<[StandInName, RegExp]>([
    ["azure-native", /^\d/],
    ["docker", /^v\d/],
    ["upstash", /^v\d/],
  ])("for %s writes its version as the real provider does", async (name, form) => {
    const info = (await ask((await handlers(name)).getPluginInfo, new empty.Empty())) as plugin.PluginInfo;
    expect(info.getVersion()).toMatch(form);
  });

  it.each<[StandInName, number, string]>([
    ["azure-native", status.UNKNOWN, "Azure Native provider requires Pulumi CLI v3.74.0 or later"],
    ["upstash", status.INVALID_ARGUMENT, "required configuration keys were missing"],
  ])("for %s refuses to be configured with the real provider's code and words", async (name, code, words) => {
    const configured = ask((await handlers(name)).configure, new proto.ConfigureRequest());
    expect(await configured).toEqual([code, words]);
    // The process ends after the last call, also where it failed.
    expect(running).toHaveLength(1);
  });
});
