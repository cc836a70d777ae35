/** For tests whose own process asks the emulator: children get NODE_USE_ENV_PROXY and NODE_EXTRA_CA_CERTS, read at their start. */
import { setGlobalProxyFromEnv } from "node:http";
import { trustInThisProcess } from "../azure/trust.ts";
import type { Upstash } from "./emulator.ts";

/** @returns takes the way and the trust away again */
export function reachInThisProcess({ env, authority }: Pick<Upstash, "env" | "authority">): () => void {
  const distrust = trustInThisProcess(authority);
  const restore = setGlobalProxyFromEnv({ HTTPS_PROXY: env["HTTPS_PROXY"], NO_PROXY: env["NO_PROXY"] });
  return () => {
    restore();
    distrust();
  };
}
