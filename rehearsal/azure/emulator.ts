/**
 * Azure, as far as this project meets it: Resource Manager and Microsoft Entra ID over HTTPS on 127.0.0.1, with real
 * Redis servers behind its caches and real processes behind its apps. It refuses what Azure refuses; what it does not
 * know is an error of the test, reported by `stop`.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { type Authority, makeAuthority } from "../tls.ts";
import { ActivityLog } from "./activity-log.ts";
import type { AppOptions } from "./app-runner.ts";
import { type Conditions, type Durations, defaultConditions } from "./conditions.ts";
import { environmentOf, federatedEnvironmentOf } from "./environment.ts";
import { type Fault, Faults, type OrderedFault } from "./faults.ts";
import { Gate } from "./gate.ts";
import { Identity, type IdentityOptions, STORAGE_AUDIENCE, VAULT_AUDIENCE } from "./identity.ts";
import { ArmRefusal, type ArmReply } from "./message.ts";
import { Operations } from "./operations.ts";
import { PrivateEndpoints } from "./private-endpoints.ts";
import { ResourceRegistry } from "./resources.ts";
import { type RunningCache, RunningCaches } from "./running-caches.ts";
import { type RawRequest, serve } from "./server.ts";
import { type ArmKernel, type ArmService, type AzureEvent, now } from "./service.ts";
import { activityLogService } from "./services/activity-log.ts";
import { authorizationService } from "./services/authorization.ts";
import { insightsService } from "./services/insights.ts";
import { type KeyVaultService, keyVaultService, type VaultOptions } from "./services/key-vault.ts";
import type { Vault } from "./services/key-vault-vault.ts";
import { networkService } from "./services/network.ts";
import { operationsService } from "./services/operations.ts";
import { providersService } from "./services/providers.ts";
import { redisService } from "./services/redis.ts";
import { redisEnterpriseService } from "./services/redis-enterprise.ts";
import { resourceGroupsService } from "./services/resource-groups.ts";
import { FIRST_SITE, type SiteOptions, webService } from "./services/web.ts";
import type { SiteSlot } from "./services/web-site.ts";

export interface AzureOptions {
  /** Signs all certificates; one of the emulator's own where absent. */
  authority?: Authority;
  conditions?: Partial<Conditions>;
  durations?: Partial<Durations>;
  /** 3600 where absent. */
  tokenLifetimeSeconds?: number;
  /** How the app of every site restarts, and what its health document looks like; each site's own options win. */
  app?: AppOptions;
  /** How many sites there are: `luntra-outreach-app`, `luntra-outreach-app-2`, …; or which ones. One where absent. */
  apps?: number | SiteOptions[];
  keyVaults?: VaultOptions[];
  /** Resource groups that exist in addition to `propiq-rg`. */
  groups?: readonly string[];
  /** Makes the access keys of caches: Azure's are base64, a test may want others. */
  newKey?: () => string;
}

export interface LoggedRequest {
  /** Milliseconds since 1970, when it came. */
  at: number;
  method: string;
  path: string;
  /** 0 until it is answered, and where the connection was dropped. */
  status: number;
  /** Parsed JSON; not that of sign-ins. */
  requestBody?: unknown;
}

export interface Azure {
  /** Of a signed-in pipeline with a client secret; merge it into a process's own. */
  env: Record<string, string>;
  /** The same with a federated token. */
  federatedEnv: Record<string, string>;
  authority: Authority;
  subscriptionId: string;
  tenantId: string;
  /** `https://127.0.0.1:port` */
  origin: string;
  /** Every request that came, oldest first. */
  log: readonly LoggedRequest[];
  /** What became of resources, oldest first. */
  events: readonly AzureEvent[];
  /** Requests that the emulator does not know, and its own bugs; `stop` throws them. */
  defects: readonly string[];
  /** What is so in this Azure; a test may change it at any time. */
  conditions: Conditions;
  resources: ResourceRegistry;
  /** What was done through Resource Manager; tests add what other people do. */
  activity: ActivityLog;
  /** A site, or one of its slots. @throws Error where there is none with that name */
  site(name?: string, slot?: string): SiteSlot;
  /** Names of a site's settings that stay with their slot. */
  sticky(name?: string): string[];
  /** @throws Error where there is none with that name */
  vault(name: string): Vault;
  makeVault: KeyVaultService["makeVault"];
  /** Those that run right now. */
  caches(): RunningCache[];
  fault(fault: Fault): OrderedFault;
  /** Object id of who signed in. */
  principal: string;
  /** @returns the object id of a caller of Azure Storage. @throws ArmRefusal */
  storageCaller(authorization: string | undefined): string;
  /** Every token given until now is refused from now on. */
  expireTokens(): void;
  /** @throws Error where anything was asked that the emulator does not know, or went wrong inside of it */
  stop(): Promise<void>;
}

export async function startAzure(options: AzureOptions = {}): Promise<Azure> {
  const authority = options.authority ?? (await makeAuthority());
  const conditions: Conditions = { ...defaultConditions(), ...options.conditions };
  const identityOptions: IdentityOptions = {
    tenantId: randomUUID(),
    clientId: randomUUID(),
    objectId: randomUUID(),
    clientSecret: randomBytes(24).toString("base64"),
    federatedToken: randomBytes(48).toString("base64url"),
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 3600,
  };
  const subscriptionId = randomUUID();
  const identity = new Identity(identityOptions);
  const faults = new Faults();
  const log: LoggedRequest[] = [];
  const events: AzureEvent[] = [];
  const defects: string[] = [];
  const defect = (error: unknown) => {
    defects.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const activity = new ActivityLog();
  const operations = new Operations(() => server.origin, subscriptionId, defect);
  const resources = new ResourceRegistry();
  const caches = new RunningCaches();

  const answer = async (raw: RawRequest) => {
    const { method, url } = raw;
    const entry: LoggedRequest = { at: now(), method, path: url.pathname, status: 0 };
    log.push(entry);
    const fault = faults.meet(method, url.pathname);
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.drop === true) return "drop";
    const reply = fault?.reply ?? (await replyTo(raw, entry, fault));
    if (fault?.drop === "after") return "drop";
    entry.status = reply.status;
    return { ...reply, headers: { "x-ms-request-id": randomUUID(), ...reply.headers } };
  };

  const replyTo = async (
    raw: RawRequest,
    entry: LoggedRequest,
    fault: Fault | undefined,
  ): Promise<ArmReply> => {
    try {
      const { method, url, headers, text } = raw;
      const signIn = identity.answer(method, url.pathname, new URLSearchParams(text), headers);
      if (signIn !== undefined) return signIn;
      const principal = identity.authenticate(headers.authorization);
      const request = gate.request(raw, principal.objectId);
      if (request.body !== undefined) entry.requestBody = request.body;
      if (fault?.operation !== undefined) operations.orderFailure(request, fault.operation);
      const reply = await gate.pass(request, principal);
      activity.record(request);
      if (fault?.operation !== undefined && operations.isFailureLeft(request)) {
        throw new Error(
          `${method} ${url.pathname} starts no operation that could end as ${fault.operation.status}`,
        );
      }
      return reply;
    } catch (error) {
      if (error instanceof ArmRefusal) return error.reply;
      defect(error);
      const message = error instanceof Error ? error.message : String(error);
      return { status: 500, body: { error: { code: "EmulatorDefect", message } } };
    }
  };

  const server = await serve(authority, answer);
  identity.listenOn(server.origin);
  const kernel: ArmKernel = {
    subscriptionId,
    tenantId: identityOptions.tenantId,
    origin: server.origin,
    authority,
    conditions,
    durations: { createMs: 150, updateMs: 150, deleteMs: 100, ...options.durations },
    operations,
    resources,
    caches,
    privateEndpoints: new PrivateEndpoints(),
    newKey: options.newKey ?? (() => randomBytes(32).toString("base64")),
    tell: (what, id) => events.push({ at: now(), what, id }),
    activity,
  };
  const vaults = await keyVaultService(kernel, options.keyVaults ?? [], {
    audience: VAULT_AUDIENCE,
    authenticate: (authorization) => identity.authenticate(authorization, [VAULT_AUDIENCE]).objectId,
    defect,
  });
  const web = await webService(kernel, sitesOf(options), vaults.vaults);
  const services: ArmService[] = [
    vaults,
    web,
    authorizationService(kernel),
    providersService(kernel),
    resourceGroupsService(kernel, options.groups),
    operationsService(kernel),
    redisService(kernel),
    redisEnterpriseService(kernel),
    networkService(kernel),
    insightsService(kernel),
    activityLogService(kernel),
  ];
  const gate = new Gate(kernel, services);

  const signedIn = {
    host: server.host,
    subscriptionId,
    identity: identityOptions,
    caFile: authority.own.cert,
  };
  return {
    env: environmentOf(signedIn),
    federatedEnv: federatedEnvironmentOf(signedIn),
    authority,
    subscriptionId,
    tenantId: identityOptions.tenantId,
    origin: server.origin,
    log,
    events,
    defects,
    conditions,
    resources,
    activity,
    site: (name = FIRST_SITE, slot) => web.site(name, slot),
    sticky: (name = FIRST_SITE) => web.sticky(name),
    vault: (name) => vaults.vault(name),
    makeVault: vaults.makeVault,
    caches: () => caches.list(),
    fault: (fault) => faults.order(fault),
    principal: identityOptions.objectId,
    storageCaller: (authorization) => identity.authenticate(authorization, [STORAGE_AUDIENCE]).objectId,
    expireTokens: () => identity.expireTokens(),
    async stop() {
      await server.stop();
      await operations.stop();
      for (const service of services) await service.stop?.();
      if (options.authority === undefined) await authority.remove();
      if (defects.length > 0)
        throw new Error(`the emulator of Azure was asked too much:\n${defects.join("\n")}`);
    },
  };
}

function sitesOf({ app, apps = 1 }: AzureOptions): SiteOptions[] {
  const sites =
    typeof apps === "number"
      ? Array.from({ length: apps }, (_, index) => ({
          name: index === 0 ? FIRST_SITE : `${FIRST_SITE}-${index + 1}`,
        }))
      : apps;
  return sites.map((site: SiteOptions) => ({ ...site, app: { ...app, ...site.app } }));
}
