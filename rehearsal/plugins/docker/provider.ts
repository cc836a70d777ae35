/** What the Docker provider answers. */
import { UNKNOWN, type Values } from "../../../infra/provider/protocol/values.ts";
import { failed, settled } from "../protocol/bridged.ts";
import type { StandIn } from "../protocol/stand-in.ts";
import { checkInputs } from "./check.ts";
import { checkConfig, chosenEngine } from "./config.ts";
import { container } from "./container.ts";
import { differences } from "./diff.ts";
import type { Engine } from "./engine-api.ts";
import { remoteImage } from "./image.ts";
import type { Kind } from "./kind.ts";
import { sdk } from "./sdk.ts";

const KINDS: readonly Kind[] = [container, remoteImage];

export function dockerStandIn(): StandIn<Kind> {
  let configured: Engine | undefined;
  const engine = (): Engine => {
    if (configured === undefined) throw new Error("the engine did not configure the provider first");
    return configured;
  };

  return {
    version: `v${sdk.version}`,
    secrets: new Set(),
    checkConfig,
    diffConfig: (before, after) =>
      ["host", "context"]
        .filter((key) => before[key] !== after[key])
        .map((path) => ({ path, change: "update", replaces: false })),
    async configure({ args }) {
      configured = await chosenEngine(args, process.env);
    },
    kindOf(type, call) {
      const kind = KINDS.find((candidate) => candidate.type === type);
      if (kind === undefined) throw new Error(`unrecognized resource type (${call}): ${type}`);
      return kind;
    },
    check: ({ name, kind }, inputs) => checkInputs(name, inputs, kind.fields, kind.properties),
    diff({ kind }, { state, inputs, ignored }) {
      const found = differences(state, inputs, kind.properties).filter(({ path }) => !ignored.includes(path));
      return { found, deletesFirst: kind.deletesBeforeReplace };
    },
    previewCreate: ({ kind }, inputs) => planned(kind, inputs),
    async create({ urn, kind }, inputs) {
      const { id, state } = await kind.create(engine(), inputs).catch(failed("creating", urn));
      return { id, state: settled(state) };
    },
    async read({ urn, kind }, { id, state, inputs }) {
      if (Object.keys(state).length === 0)
        throw new Error("the stand-in for the Docker provider imports nothing");
      const found = await kind.read(engine(), id, state).catch(failed("refreshing", urn));
      if (found === undefined) return undefined;
      return { id: found.id, state: settled(found.state), inputs: drifted(inputs, found.state, kind) };
    },
    previewUpdate: (_, before, inputs) => settled({ ...before.state, ...inputs }),
    async update({ urn, kind }, { id, state }, inputs) {
      return settled(await kind.update(engine(), id, state, inputs).catch(failed("updating", urn)));
    },
    delete: ({ urn, kind }, { id, state }) => kind.delete(engine(), id, state).catch(failed("deleting", urn)),
  };
}

/** What a preview can say of a resource that does not exist yet. */
function planned({ properties, computed }: Kind, inputs: Values): Values {
  const open = Object.keys(properties).filter((key) => properties[key]?.computed === true);
  return {
    ...Object.fromEntries([...open, ...computed, "id"].map((key) => [key, UNKNOWN])),
    ...settled(inputs),
  };
}

/** Inputs as they would have to be to give what was found, so that a refresh shows what differs. */
function drifted(inputs: Values, state: Values, { properties }: Kind): Values {
  const own = settled(inputs);
  const differing = differences(state, inputs, properties).map(({ path }) => path);
  const given = differing.filter((property) => Object.hasOwn(own, property));
  const defaults = ((inputs["__defaults"] ?? []) as readonly string[]).filter((key) => !given.includes(key));
  const found = Object.fromEntries(given.map((property) => [property, state[property] ?? null]));
  return { ...inputs, ...found, __defaults: defaults };
}
