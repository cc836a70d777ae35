/**
 * Which sizes a cache in Azure can change to in place, and what is lost. Pure.
 *
 * Azure Cache for Redis (Microsoft's article on scaling): Basic to Standard, but not together with another size; never
 * from Standard to Basic; never down to C0; a Basic cache is shut down meanwhile and loses its data, a Standard one stays.
 * Size and configuration in one update can fail. Azure Managed Redis: high availability cannot be removed; without it
 * scaling loses all data.
 */
import { type Advice, advice } from "../../../base/advice.ts";
import type { Command } from "../../../base/command.ts";
import { PLANS, type Plan, skuOf } from "../../plans/catalogue.ts";

export interface Step {
  from: Record<string, unknown>;
  to: Record<string, unknown>;
}
export interface Commands {
  /** The command that sets a plan. */
  setPlan: (plan: Plan) => Command;
  /** The command that lets each plan have a cache of its own again. */
  resizeByNewCache: Command;
}
export type Judgement = { possible: false; why: string; next: Advice } | { possible: true; costs: string };

/** Inputs whose change may go together with the size's. */
const HARMLESS: readonly string[] = [
  "sku",
  "highAvailability",
  "tags",
  "azureApiVersion",
  "name",
  "clusterName",
];

/**
 * @param step the resource's inputs before and after
 * @param plan the one that is wanted
 * @returns nothing where the size stays
 */
export function judgeResize(step: Step, plan: Plan, commands: Commands): Judgement | undefined {
  const sizeStays =
    same(step.from["sku"], step.to["sku"]) &&
    same(step.from["highAvailability"], step.to["highAvailability"]);
  if (sizeStays) return undefined;
  const mixed = Object.keys({ ...step.from, ...step.to }).filter(
    (key) => !HARMLESS.includes(key) && !same(step.from[key], step.to[key]),
  );
  if (mixed.length > 0) {
    return {
      possible: false,
      why: `Azure does not take another size and another ${mixed.join(", ")} in one update.`,
      next: advice("Change one after the other, with an update in between."),
    };
  }
  return skuOf("azure", plan) === undefined ? judgeManaged(step, commands) : judgeRedis(step, plan, commands);
}

interface Sku {
  name?: unknown;
  capacity?: unknown;
}

function judgeRedis({ from, to }: Step, plan: Plan, { setPlan, resizeByNewCache }: Commands): Judgement {
  const old = from["sku"] as Sku;
  const wanted = to["sku"] as Sku;
  const anew = advice("Let the stack make a new cache.", resizeByNewCache);
  if (old.name === "Standard" && wanted.name === "Basic") {
    return { possible: false, why: "Azure does not turn a Standard cache into a Basic one.", next: anew };
  }
  if (Number(wanted.capacity) === 0 && Number(old.capacity) > 0) {
    return { possible: false, why: "Azure does not scale a cache down to C0.", next: anew };
  }
  if (old.name !== wanted.name && old.capacity !== wanted.capacity) {
    const between = PLANS.find((candidate) => {
      const sku = skuOf("azure", candidate);
      return sku !== undefined && sku.name === wanted.name && sku.capacity === old.capacity;
    });
    return {
      possible: false,
      why: "Azure does not change tier and size of a cache in one step.",
      next:
        between === undefined
          ? anew
          : advice(
              `Change to ${between}, update, and change to ${plan}. Or let the stack make a new cache.`,
              setPlan(between),
              setPlan(plan),
              resizeByNewCache,
            ),
    };
  }
  return {
    possible: true,
    costs:
      old.name === "Basic"
        ? "Azure shuts a Basic cache down while it changes it, and all data is lost. The app runs without a cache until then, and is slower until the cache has filled."
        : "The cache stays online and keeps its data.",
  };
}

function judgeManaged({ from, to }: Step, { resizeByNewCache }: Commands): Judgement {
  if (from["highAvailability"] === "Enabled" && to["highAvailability"] === "Disabled") {
    return {
      possible: false,
      why: "Azure does not remove high availability from a cache.",
      next: advice("Let the stack make a new cache.", resizeByNewCache),
    };
  }
  return {
    possible: true,
    costs:
      from["highAvailability"] === "Enabled"
        ? "The cache stays online and keeps its data."
        : "Without high availability all data is lost while Azure changes the cache: the app is slower until it has filled.",
  };
}

function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other;
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => same(Reflect.get(one, key), Reflect.get(other, key)));
}
