/** The providers that have a stand-in, by the names that Pulumi's engine has for them. */
import { sdk as azureNative } from "./azure-native/sdk.ts";
import { sdk as docker } from "./docker/sdk.ts";
import type { Sdk } from "./protocol/sdk.ts";
import type { StandIn } from "./protocol/stand-in.ts";
import { sdk as upstash } from "./upstash/sdk.ts";

export type StandInName = "azure-native" | "docker" | "upstash";

interface Row {
  /** Its version is that of the provider that a program asks for. */
  sdk: Sdk;
  /** Loaded only where it serves. */
  load(): Promise<StandIn<unknown>>;
}

export const STAND_INS: Readonly<Record<StandInName, Row>> = {
  "azure-native": {
    sdk: azureNative,
    load: async () => (await import("./azure-native/provider.ts")).azureNativeStandIn(),
  },
  docker: { sdk: docker, load: async () => (await import("./docker/provider.ts")).dockerStandIn() },
  upstash: { sdk: upstash, load: async () => (await import("./upstash/provider.ts")).upstashStandIn() },
};
