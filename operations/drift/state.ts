/** A stack's state, as `pulumi stack export --show-secrets` reports it. Pure; what comes out holds secrets. */
import { isObject, parseJson } from "../../base/json.ts";

export interface StateResource {
  urn: string;
  type: string;
  id: string;
  /** Only read, never changed: an adopted one. */
  external: boolean;
  /** A replaced one whose end has not come yet. */
  condemned: boolean;
  /** What the program asked for; an adopted one has none. */
  inputs: Readonly<Record<string, unknown>>;
  outputs: Readonly<Record<string, unknown>>;
}

export interface StackState {
  /** Those that are really somewhere: no components, no providers. */
  resources: readonly StateResource[];
  /** What an update that was cut off was about, as `creating urn:…`. */
  pending: readonly { urn: string; doing: string }[];
}

/** How the engine marks a secret in a state that is exported in the clear (pulumi: pkg/resource/stack). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** @param exported the JSON of the export */
export function parseState(exported: unknown): StackState {
  const deployment = recordOf(recordOf(exported)["deployment"]);
  const all = listOf(deployment["resources"]).map(recordOf);
  return {
    resources: all
      .filter(({ custom, type }) => custom === true && !textOf(type).startsWith("pulumi:"))
      .map((raw) => ({
        urn: textOf(raw["urn"]),
        type: textOf(raw["type"]),
        id: textOf(raw["id"]),
        external: raw["external"] === true,
        condemned: raw["delete"] === true,
        inputs: recordOf(opened(raw["inputs"])),
        outputs: recordOf(opened(raw["outputs"])),
      })),
    pending: listOf(deployment["pending_operations"]).map((raw) => {
      const { resource, type } = recordOf(raw);
      return { urn: textOf(recordOf(resource)["urn"]), doing: textOf(type) };
    }),
  };
}

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  const entries = value as Record<string, unknown>;
  if (SIGNATURE in entries) {
    const { plaintext } = entries;
    return typeof plaintext === "string" ? opened(parseJson(plaintext)) : undefined;
  }
  return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, opened(inner)]));
}

const recordOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
