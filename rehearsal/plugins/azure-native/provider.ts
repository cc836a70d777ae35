/** What the azure-native provider answers (pulumi-azure-native: provider/pkg/provider/provider.go). */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import { InitFailed, type StandIn } from "../protocol/stand-in.ts";
import { type Account, openAccount } from "./account.ts";
import { ArmClient, ArmError, Unfinished } from "./arm-client.ts";
import { checkInputs } from "./check.ts";
import { fillPath, toBody, toOutputs } from "./convert.ts";
import { differences, driftedInputs } from "./diff.ts";
import { FUNCTIONS, type Kind, kindOf } from "./kinds.ts";
import { readArgs, sdk } from "./sdk.ts";

/** What the provider takes for known in the preview of an update. */
const STABLE = ["name", "location"];

interface Session {
  account: Account;
  arm: ArmClient;
}

export function azureNativeStandIn(): StandIn<Kind> {
  const cancelled = new AbortController();
  let opened: Session | undefined;
  const session = (): Session => {
    if (opened === undefined) throw new Error("the engine did not configure the provider first");
    return opened;
  };
  const readState = async (kind: Kind, id: string): Promise<Values> =>
    toOutputs(kind, await session().arm.get(id, kind.apiVersion));
  const pathOf = ({ path }: Kind, inputs: Values): string =>
    fillPath(path, inputs, session().account.subscriptionId);
  /** @throws InitFailed where something of the resource is there all the same */
  const put = async (kind: Kind, path: string, inputs: Values): Promise<unknown> => {
    try {
      return await session().arm.put(path, kind.apiVersion, toBody(kind, inputs));
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error;
      let { message } = error;
      const state = await readState(kind, path).catch((unread: Error) => {
        message = `resource created but read failed ${unread.message}: ${message}`;
        return {};
      });
      throw new InitFailed(message, { id: path, state, inputs });
    }
  };

  return {
    version: sdk.version,
    secrets: new Set(),
    checkConfig(inputs) {
      const known = Object.keys(readArgs("provider.d.ts", "ProviderArgs"));
      return Object.keys(inputs)
        .filter((key) => !known.includes(key) && key !== "version" && key !== "pluginDownloadURL")
        .map((key) => `azure-native:${key} is not a config key of the azure-native provider`);
    },
    diffConfig: () => undefined,
    async configure({ variables, sendsOldInputs }) {
      if (!sendsOldInputs) throw new Error("Azure Native provider requires Pulumi CLI v3.74.0 or later");
      const account = await openAccount(variables, process.env);
      opened = { account, arm: new ArmClient(account, cancelled.signal) };
    },
    cancel: () => cancelled.abort(new Error("context canceled")),
    invoke: (token, args) => callFunction(token, args, session()),
    kindOf,
    check: ({ name, kind }, inputs) => checkInputs(name, inputs, kind),
    diff({ kind }, { oldInputs, inputs, ignored }) {
      const found = differences(oldInputs, inputs, kind).filter(({ path }) => !ignored.includes(path));
      // The real one deletes first whatever has a name that the program gave.
      return { found, deletesFirst: true };
    },
    previewCreate: ({ kind }, inputs) => planned(kind, inputs),
    async create({ kind }, inputs) {
      const path = pathOf(kind, inputs);
      await session().arm.canCreate(path, kind.apiVersion);
      const id = idOf(await put(kind, path, inputs)) ?? path;
      return { id, state: await readState(kind, id) };
    },
    async read({ kind }, { id, state: before, inputs }) {
      const state = await readState(kind, id).catch(unlessGone);
      if (state === undefined) return undefined;
      // Of a resource that is only looked up there are no inputs to compare.
      const isKnown = Object.keys(inputs).length > 0;
      return {
        id,
        state,
        inputs: isKnown ? driftedInputs(inputs, before, state, kind) : writable(kind, state),
      };
    },
    previewUpdate({ kind }, { state: before }, inputs) {
      const stable = STABLE.flatMap((key) => (key in before ? [[key, before[key] as Value]] : []));
      return { ...planned(kind, inputs), ...Object.fromEntries(stable) };
    },
    async update({ kind }, _, inputs) {
      const path = pathOf(kind, inputs);
      await put(kind, path, inputs);
      return await readState(kind, path);
    },
    delete: ({ kind }, { id }) => session().arm.delete(id, kind.apiVersion, kind.deletePolls),
  };
}

async function callFunction(token: string, args: Values, { account, arm }: Session): Promise<Values> {
  if (token === "azure-native:authorization:getClientConfig") {
    const { clientId, subscriptionId, tenantId } = account;
    const claims = JSON.parse(
      Buffer.from((await account.token()).split(".")[1] ?? "", "base64url").toString(),
    ) as { oid?: string };
    return { clientId, objectId: claims.oid ?? "", subscriptionId, tenantId };
  }
  const found = FUNCTIONS[token];
  if (found === undefined) throw new Error(`Invoke type ${token} not found`);
  const path = fillPath(found.path, args, account.subscriptionId);
  const answer = await arm.post(path, found.apiVersion).catch((error: Error) => {
    throw new Error(`request failed ${path}: ${error.message}`, { cause: error });
  });
  const { primaryKey, secondaryKey } = answer as Record<string, string>;
  return { primaryKey: primaryKey ?? null, secondaryKey: secondaryKey ?? null };
}

/** What a preview can say: inputs as outputs, everything else not known yet. */
function planned(kind: Kind, inputs: Values): Values {
  const own = kind.outputs.map((name) => [name, inputs[name] ?? UNKNOWN] as const);
  return Object.fromEntries(own);
}

function writable(kind: Kind, state: Values): Values {
  return Object.fromEntries(Object.entries(state).filter(([name]) => kind.known.includes(name)));
}

function idOf(response: unknown): string | undefined {
  const id = (response as { id?: unknown } | undefined)?.id;
  return typeof id === "string" ? id : undefined;
}

/** For `catch` of a read: 404 means gone. */
function unlessGone(error: unknown): undefined {
  if (error instanceof ArmError && error.status === 404) return undefined;
  throw error;
}
