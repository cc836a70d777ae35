/**
 * What a preview would change, as data that one job hands to another: made of a pull request's code, read by a job
 * that trusts none of it. Names and figures only, never a value of a setting.
 */
import { foreignText } from "../../base/safe-text.ts";

export const OPERATIONS = ["create", "update", "replace", "delete", "import", "read"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Change {
  schema: 1;
  stack: string;
  /** Whether Pulumi could say what an update would do; if not, `errors` say why. */
  previewed: boolean;
  resources: { operation: Operation; type: string; name: string }[];
  unchanged: number;
  /** What happens to settings of apps (or of env files), by key. */
  settings: { target: string; operation: Operation; keys: string[] }[];
  /** Apps that restart. */
  restarts: string[];
  /** In US dollars a month, by the price lists; null: not known; absent: nothing is deployed, or it is not known. */
  monthlyUsd: { before?: number | null; after?: number | null };
  /** What else a user should know before. */
  notes: string[];
  errors: string[];
}

const LIMITS = { items: 200, keys: 100, characters: 2000 } as const;

/**
 * Reads one from a file of another job. Texts are cut and freed of control characters; what is not of the form is
 * refused as a whole, for a comment that shows half a change misleads.
 * @throws Error that names the field
 */
export function parseChange(json: string): Change {
  const root = object(JSON.parse(json), "change");
  if (root["schema"] !== 1) throw new Error("change.schema: 1 is the only one that is known");
  const monthly = object(root["monthlyUsd"], "monthlyUsd");
  return {
    schema: 1,
    stack: text(root["stack"], "stack", 100),
    previewed: root["previewed"] === true,
    resources: list(root["resources"], "resources", LIMITS.items).map((item) => {
      const { operation, type, name } = object(item, "resources[]");
      return {
        operation: operationOf(operation),
        type: text(type, "type", 200),
        name: text(name, "name", 200),
      };
    }),
    unchanged: Math.trunc(figure(root["unchanged"], "unchanged")),
    settings: list(root["settings"], "settings", LIMITS.items).map((item) => {
      const { target, operation, keys } = object(item, "settings[]");
      return {
        target: text(target, "target", 200),
        operation: operationOf(operation),
        keys: texts(keys, "keys", LIMITS.keys, 100),
      };
    }),
    restarts: texts(root["restarts"], "restarts", LIMITS.items, 200),
    monthlyUsd: { ...cost(monthly, "before"), ...cost(monthly, "after") },
    notes: texts(root["notes"], "notes", LIMITS.items, LIMITS.characters),
    errors: texts(root["errors"], "errors", LIMITS.items, LIMITS.characters),
  };
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${where}: an object is wanted`);
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string, most: number): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: a list is wanted`);
  if (value.length > most) throw new Error(`${where}: more than ${most}`);
  return value;
}

function text(value: unknown, where: string, most: number): string {
  if (typeof value !== "string") throw new Error(`${where}: a text is wanted`);
  return foreignText(value, (same) => same, most);
}

function texts(value: unknown, where: string, items: number, characters: number): string[] {
  return list(value, where, items).map((item) => text(item, `${where}[]`, characters));
}

function figure(value: unknown, where: string): number {
  if (typeof value !== "number" || !(value >= 0 && value < 1e9))
    throw new Error(`${where}: a figure is wanted`);
  return value;
}

function cost(from: Record<string, unknown>, key: "before" | "after"): Change["monthlyUsd"] {
  const value = from[key];
  if (value === undefined) return {};
  return { [key]: value === null ? null : figure(value, `monthlyUsd.${key}`) };
}

function operationOf(value: unknown): Operation {
  const known = OPERATIONS.find((operation) => operation === value);
  if (known === undefined) throw new Error("operation: an unknown one");
  return known;
}
