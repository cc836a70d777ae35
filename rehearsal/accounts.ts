/** An Azure and an Upstash on this machine, whose certificates one authority signs, and who is signed in to both. */
import { type Azure, type AzureOptions, startAzure } from "./azure/emulator.ts";
import { type Authority, makeAuthority } from "./tls.ts";
import { startUpstash, type Upstash, type UpstashOptions } from "./upstash/emulator.ts";

export interface AccountsOptions {
  /** Becomes theirs: `stop` removes it. A new one where absent. */
  authority?: Authority;
  azure?: Omit<AzureOptions, "authority">;
  upstash?: Omit<UpstashOptions, "authority">;
}

export interface Accounts {
  authority: Authority;
  azure: Azure;
  upstash: Upstash;
  /** What a signed-in pipeline has in its environment. */
  env: Record<string, string>;
  /** @throws Error where anything was asked that an emulator does not know */
  stop(): Promise<void>;
}

export async function startAccounts(options: AccountsOptions = {}): Promise<Accounts> {
  const authority = options.authority ?? (await makeAuthority());
  const [azure, upstash] = await Promise.all([
    startAzure({ ...options.azure, authority }),
    startUpstash({ ...options.upstash, authority }),
  ]);
  return {
    ...{ authority, azure, upstash },
    env: { ...upstash.env, ...azure.env },
    async stop() {
      const stopped = await Promise.allSettled([azure.stop(), upstash.stop()]);
      await authority.remove();
      for (const each of stopped) if (each.status === "rejected") throw each.reason;
    },
  };
}
