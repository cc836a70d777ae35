/** The emulated clouds of one rehearsal, with what the stack's config expects to find in them. */
import type { Plan } from "../../infra/plans/catalogue.ts";
import { type Accounts, startAccounts } from "../accounts.ts";
import type { AppOptions } from "../azure/app-runner.ts";
import { FOREIGN_SETTINGS } from "../azure/services/web.ts";
import type { SiteSlot } from "../azure/services/web-site.ts";
import { startRedis, type TestRedis } from "../redis-server.ts";
import type { Authority } from "../tls.ts";
import type { Needs } from "./config.ts";

export interface Clouds extends Accounts {
  /** Where the stack's apps run: sites, or their slots. */
  sites: readonly SiteSlot[];
  adoptedDatabase?: string;
  /** The Redis of plan `external`. */
  external?: { url: string };
}

const EXTERNAL_PASSWORD = "rehearsal";

export interface CloudsOptions {
  /** Signs every certificate. Removed with the clouds. */
  authority: Authority;
  /** How the app of every site runs. */
  app: AppOptions;
  /** Whether it is the team's own. */
  ownApp: boolean;
}

export async function startClouds(needs: Needs, { authority, app, ownApp }: CloudsOptions): Promise<Clouds> {
  // A team's app shall not see values such as a database that does not exist.
  const settings = ownApp ? { WELCOME_TEXT: FOREIGN_SETTINGS["WELCOME_TEXT"] ?? "" } : FOREIGN_SETTINGS;
  const accounts = await startAccounts({
    authority,
    azure: {
      groups: needs.groups,
      keyVaults: needs.vaults,
      conditions: {
        insideNetwork: needs.insideNetwork,
        ...(needs.clientAddress === undefined ? {} : { clientAddress: needs.clientAddress }),
      },
      apps: needs.sites.map(({ name, resourceGroup, slots, vault }) => ({
        name,
        resourceGroup,
        settings,
        slots: Object.fromEntries(slots.map((slot) => [slot, settings])),
        identity: vault,
        app,
      })),
    },
  });
  const { azure, upstash } = accounts;
  const sites = needs.sites.flatMap(({ name, slots }) =>
    slots.length === 0 ? [azure.site(name)] : slots.map((slot) => azure.site(name, slot)),
  );
  for (const { name } of needs.vaults) {
    const vault = azure.vault(name);
    upstash.lead(`${name}.vault.azure.net:443`, Number(new URL(vault.uri).port));
    for (const { principal } of sites) if (principal !== undefined) vault.readers.add(principal);
  }
  const adoptedDatabase =
    needs.adoptedDatabase === undefined
      ? undefined
      : await upstash.makeDatabase({ name: "adopted", plan: upstashPlan(needs.adoptedDatabase) });
  const redis = needs.external ? await startRedis({ password: EXTERNAL_PASSWORD }) : undefined;
  return {
    ...accounts,
    sites,
    ...(adoptedDatabase === undefined ? {} : { adoptedDatabase }),
    ...(redis === undefined ? {} : { external: { url: urlOf(redis) } }),
    async stop() {
      await Promise.all([accounts.stop(), redis?.stop()]);
    },
  };
}

/** As the API names it: `upstash-fixed-250mb` is `fixed_250mb`. */
const upstashPlan = (plan: Plan): string => plan.replace(/^upstash-/, "").replaceAll("-", "_");

const urlOf = ({ port }: TestRedis): string => `redis://:${EXTERNAL_PASSWORD}@127.0.0.1:${port}/0`;
