/**
 * Microsoft.KeyVault: vaults, each with a host of its own, and secrets through Resource
 * Manager (API 2024-11-01), which writes them and never reports a value.
 */

import type { ArmReply, ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import { type RawRequest, serve } from "../server.ts";
import type { ArmKernel, ArmService } from "../service.ts";
import { answer, type Callers, stillDeleted } from "./key-vault-data-plane.ts";
import { newest, type Secret, Vault } from "./key-vault-vault.ts";
import { FIRST_GROUP, FIRST_LOCATION } from "./resource-groups.ts";

export interface VaultOptions {
  name: string;
  /** `propiq-rg` where absent. */
  resourceGroup?: string;
}

/** How callers of a vault's own host are known. */
export interface Tokens extends Omit<Callers, "authority"> {
  /** Called with what must not happen. */
  defect(error: unknown): void;
}

export interface KeyVaultService extends ArmService {
  vaults(): readonly Vault[];
  /** @throws Error where there is none with that name */
  vault(name: string): Vault;
  /** One more, as a user makes it by hand. @throws Error where its name is taken */
  makeVault(options: VaultOptions): Promise<Vault>;
}

const TYPE = "Microsoft.KeyVault/vaults";
const API_VERSIONS = ["2024-11-01"];
const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const VAULTS = `/resourceGroups/:resourceGroup/providers/${TYPE}`;
const VAULT = `${SUBSCRIPTION}${VAULTS}/:vault`;
const SECRET = `${VAULT}/secrets/:secret`;

export async function keyVaultService(
  kernel: ArmKernel,
  options: readonly VaultOptions[],
  tokens: Tokens,
): Promise<KeyVaultService> {
  const vaults = new Map<string, Vault>();
  const closers: (() => Promise<void>)[] = [];
  const makeVault = async (about: VaultOptions): Promise<Vault> => {
    const key = about.name.toLowerCase();
    if (vaults.has(key)) throw new Error(`there is a vault ${about.name} already`);
    const { vault, close } = await openVault(kernel, about, tokens);
    vaults.set(key, vault);
    closers.push(close);
    register(kernel, vault, () => vaults.delete(key));
    return vault;
  };
  await Promise.all(options.map(makeVault));

  const find = ({ params: { vault: name = "", resourceGroup = "" } }: ArmRequest): Vault => {
    const vault = vaults.get(name.toLowerCase());
    if (vault?.resourceGroup.toLowerCase() !== resourceGroup.toLowerCase()) {
      throw refusals.notFound(TYPE, name, resourceGroup);
    }
    return vault;
  };
  const list = ({ params: { resourceGroup } }: ArmRequest): ArmReply => {
    const filter = { type: TYPE, ...(resourceGroup === undefined ? {} : { resourceGroup }) };
    return { status: 200, body: { value: kernel.resources.list(filter).map(({ show }) => show()) } };
  };
  const routes = [
    { method: "GET", pattern: `${SUBSCRIPTION}/providers/${TYPE}`, handle: list },
    { method: "GET", pattern: `${SUBSCRIPTION}${VAULTS}`, handle: list },
    {
      method: "GET",
      pattern: VAULT,
      handle: (request: ArmRequest) => ({ status: 200, body: shownVault(kernel, find(request)) }),
    },
    {
      method: "GET",
      pattern: `${VAULT}/secrets`,
      handle(request: ArmRequest) {
        const vault = find(request);
        return {
          status: 200,
          body: { value: vault.secrets().map((one) => shownSecret(kernel, vault, one)) },
        };
      },
    },
    {
      method: "GET",
      pattern: SECRET,
      handle(request: ArmRequest) {
        const vault = find(request);
        const { secret: name = "" } = request.params;
        const secret = vault.secret(name);
        if (secret === undefined)
          throw refusals.notFound(TYPE, `${vault.name}/secrets/${name}`, vault.resourceGroup);
        return { status: 200, body: shownSecret(kernel, vault, secret) };
      },
    },
    {
      method: "PUT",
      pattern: SECRET,
      schema: "keyVaultSecret.put",
      handle: (request: ArmRequest) => put(kernel, find(request), request),
    },
  ];
  return {
    routes: routes.map((route) => ({ ...route, apiVersions: API_VERSIONS })),
    vaults: () => [...vaults.values()],
    vault(name) {
      const vault = vaults.get(name.toLowerCase());
      if (vault === undefined) throw new Error(`the emulated Azure has no vault ${name}`);
      return vault;
    },
    makeVault,
    async stop() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

async function openVault(
  kernel: ArmKernel,
  { name, resourceGroup = FIRST_GROUP }: VaultOptions,
  tokens: Tokens,
) {
  const callers: Callers = { ...tokens, authority: `${kernel.origin}/${kernel.tenantId}` };
  // Its address is known only when it answers already.
  const late: { vault?: Vault } = {};
  const reply = async (request: RawRequest) => {
    if (late.vault === undefined) return { status: 503 };
    try {
      return answer(late.vault, callers, request);
    } catch (error) {
      tokens.defect(error);
      return { status: 500, body: { error: { code: "EmulatorDefect", message: String(error) } } };
    }
  };
  // By its own name too, for clients that find it through a proxy.
  const names = `IP:127.0.0.1,DNS:localhost,DNS:${name}.vault.azure.net`;
  const server = await serve(kernel.authority, reply, names);
  const vault = new Vault({ name, resourceGroup, location: FIRST_LOCATION, uri: `${server.origin}/` });
  late.vault = vault;
  return { vault, close: () => server.stop() };
}

function register(kernel: ArmKernel, vault: Vault, forget: () => void): void {
  const id = vaultId(kernel, vault);
  kernel.resources.add({
    id,
    type: TYPE,
    name: vault.name,
    resourceGroup: vault.resourceGroup,
    show: () => shownVault(kernel, vault),
    async remove() {
      forget();
      kernel.resources.forget(id);
    },
  });
}

interface SecretBody {
  tags?: Record<string, string>;
  properties: { value?: string; contentType?: string; attributes?: { enabled?: boolean } };
}

function put(kernel: ArmKernel, vault: Vault, { params, body }: ArmRequest): ArmReply {
  const name = params["secret"] ?? "";
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) throw refusals.invalidBody("secretName", []);
  // As the vault itself says it; through Resource Manager the words could not be confirmed.
  if (vault.deleted(name) !== undefined) return stillDeleted(name).reply;
  const before = vault.secret(name);
  const { tags, properties } = body as SecretBody;
  const { value, contentType, attributes } = properties;
  const secret = vault.put(name, {
    value: value ?? "",
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    enabled: attributes?.enabled ?? true,
  });
  kernel.tell("secret written", `${vaultId(kernel, vault)}/secrets/${name}`);
  return { status: before === undefined ? 201 : 200, body: shownSecret(kernel, vault, secret) };
}

const vaultId = ({ subscriptionId }: ArmKernel, { name, resourceGroup }: Vault) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`;

function shownVault(kernel: ArmKernel, vault: Vault) {
  const { tenantId } = kernel;
  const permissions = { secrets: ["get"] };
  return {
    id: vaultId(kernel, vault),
    name: vault.name,
    type: TYPE,
    location: vault.location,
    tags: {},
    properties: {
      tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [...vault.readers].map((objectId) => ({ tenantId, objectId, permissions })),
      enableRbacAuthorization: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      vaultUri: vault.uri,
      provisioningState: "Succeeded",
      publicNetworkAccess: "Enabled",
    },
  };
}

function shownSecret(kernel: ArmKernel, vault: Vault, secret: Secret) {
  const { id, contentType, tags, enabled, created } = newest(secret);
  const secretUri = `${vault.uri}secrets/${secret.name}`;
  return {
    id: `${vaultId(kernel, vault)}/secrets/${secret.name}`,
    name: secret.name,
    type: `${TYPE}/secrets`,
    location: vault.location,
    tags,
    properties: {
      ...(contentType === undefined ? {} : { contentType }),
      attributes: { enabled, created, updated: created },
      secretUri,
      secretUriWithVersion: `${secretUri}/${id}`,
    },
  };
}
