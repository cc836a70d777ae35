/** What the Upstash provider answers. */
import { status } from "@grpc/grpc-js";
import type { Values } from "../../../infra/provider/protocol/values.ts";
import { failed, settled } from "../protocol/bridged.ts";
import { propertyOf, Refused, type StandIn } from "../protocol/stand-in.ts";
import { checkInputs } from "./check.ts";
import { type Client, clientOf } from "./client.ts";
import { differences } from "./diff.ts";
import { DATABASE, SECRETS } from "./properties.ts";
import { createDatabase, deleteDatabase, readDatabase, TYPE, updateDatabase } from "./redis-database.ts";
import { sdk } from "./sdk.ts";

/** No checkConfig and no diffConfig: the real provider's bridge is too old for them, and answers UNIMPLEMENTED. */
export function upstashStandIn(): StandIn<typeof TYPE> {
  let configured: Client | undefined;
  const client = (): Client => {
    if (configured === undefined) throw new Error("the engine did not configure the provider first");
    return configured;
  };

  return {
    version: `v${sdk.version}`,
    secrets: SECRETS,
    configure({ args }) {
      configured = clientOf(credentialsOf(args, process.env));
    },
    kindOf(type) {
      if (type !== TYPE) throw new Error(`The stand-in for the Upstash provider does not know ${type}.`);
      return type;
    },
    check: (_, inputs) => checkInputs(inputs),
    diff(_, { state, inputs, ignored }) {
      const found = differences(state, inputs).filter(({ path }) => !ignored.includes(propertyOf(path)));
      return { found, deletesFirst: false };
    },
    previewCreate: (_, inputs) => ({ ...settled(inputs), consistent: false, multizone: false, id: "" }),
    create: ({ urn }, inputs) => createDatabase(client(), inputs).catch(failed("creating", urn)),
    async read({ urn }, { id, state, inputs }) {
      const found = await readDatabase(client(), id, state).catch(failed("refreshing", urn));
      return { ...found, inputs: inputsOf(inputs, found.state) };
    },
    previewUpdate: (_, { id, state }, inputs) => ({ ...state, ...settled(inputs), id }),
    async update({ urn }, { id, state }, inputs) {
      const found = await updateDatabase(client(), id, state, inputs).catch(failed("updating", urn));
      return found.state;
    },
    delete: ({ urn }, { state }) => deleteDatabase(client(), state).catch(failed("deleting", urn)),
  };
}

/** Config wins over the environment (provider.go: EnvDefaultFunc). */
function credentialsOf(config: Values, env: NodeJS.ProcessEnv): { email: string; apiKey: string } {
  const email = config["email"] ?? env["UPSTASH_EMAIL"];
  const apiKey = config["apiKey"] ?? env["UPSTASH_API_KEY"];
  if (typeof email === "string" && email !== "" && typeof apiKey === "string" && apiKey !== "") {
    return { email, apiKey };
  }
  throw new Refused("required configuration keys were missing", status.INVALID_ARGUMENT);
}

/** Inputs as they would have to be to give what was found; for an import all that have another value than none. */
function inputsOf(inputs: Values, found: Values): Values {
  const own = settled(inputs);
  const imported = Object.keys(own).length === 0;
  // What a lookup was given to go by stays among its inputs, though it is an output (seen).
  const candidates = imported ? Object.keys(DATABASE).filter((key) => found[key]) : Object.keys(own);
  const keys = candidates.filter((key) => Object.hasOwn(found, key));
  const noted = inputs["__defaults"];
  const known: Values = Object.fromEntries(keys.map((key) => [key, found[key] ?? null]));
  if (noted === undefined && !imported) return known;
  const defaults = ((noted ?? []) as readonly string[]).filter(
    (key) => known[key] === DATABASE[key]?.default,
  );
  return { ...known, __defaults: defaults };
}
