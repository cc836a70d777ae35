/**
 * The calls of api.upstash.com that exist here: those of Pulumi's provider (upstash/terraform-provider-upstash,
 * upstash/redis/database/api_calls.go) and of the developer API's description (upstash/docs,
 * devops/developer-api/openapi.yml) that this project makes. Any other is an error of the test.
 */
import * as v from "valibot";
import type { Conditions } from "./conditions.ts";
import type { Databases } from "./databases.ts";
import { PLANS, PRIMARY_REGIONS, READ_REGIONS } from "./plans.ts";
import { type Reply, refusals } from "./refusals.ts";

export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Parsed JSON; undefined where none was sent. */
  body: unknown;
}

type Handler = (id: string, request: ApiRequest) => Promise<unknown> | unknown;

/** @returns the answer; nothing for a call that is not known here @throws Refusal */
export function upstashService(
  databases: Databases,
  conditions: Conditions,
): (request: ApiRequest) => Promise<Reply | undefined> {
  const calls = callsOf(databases, conditions);
  return async (request) => {
    const [, call = "", id = ""] = /^\/v2\/redis\/([a-z-]+)(?:\/([^/]+))?$/.exec(request.path) ?? [];
    const handler = calls[`${request.method} ${call}${id === "" ? "" : "/"}`];
    if (handler === undefined) return undefined;
    if (conditions.readOnlyKey && request.method !== "GET") throw refusals.readOnlyKey();
    if (id !== "") databases.wishOf(decodeURIComponent(id));
    const body = await handler(decodeURIComponent(id), request);
    return { status: 200, body: body ?? "OK" };
  };
}

/** By method and first word; a slash behind it where an id follows. */
function callsOf(databases: Databases, conditions: Conditions): Readonly<Record<string, Handler>> {
  const toggle =
    (key: "eviction" | "autoUpgrade" | "prodPack", enabled: boolean): Handler =>
    async (id) => {
      const wish = databases.wishOf(id);
      if (key === "autoUpgrade" && wish.autoUpgrade === enabled) {
        throw refusals.already(enabled ? "enabled" : "disabled");
      }
      if (key === "prodPack" && enabled && wish.plan === "free") throw refusals.paidOnly("prod pack");
      await databases.change(id, { [key]: enabled });
    };
  return {
    "GET databases": () => databases.ids().map((id) => databases.show(id, true)),
    "GET database/": (id, { query }) => databases.show(id, query.get("credentials") !== "hide"),
    "POST database": (_, { body }) => create(databases, conditions, body),
    "DELETE database/": (id) => databases.remove(id),
    "POST change-plan/": (id, { body }) => changePlan(databases, conditions, id, body),
    "POST reset-password/": (id) => databases.resetPassword(id),
    "PATCH update-budget/": async (id, { body }) => {
      const { budget } = read(v.object({ budget: whole }), body);
      await databases.change(id, { budget });
    },
    "POST update-regions/": async (id, { body }) => {
      // The provider sends null for none at all (a nil slice in Go).
      const { read_regions: regions } = read(
        v.object({ read_regions: v.nullable(v.array(v.string())) }),
        body,
      );
      const readRegions = checkedRegions(regions ?? [], databases.wishOf(id).primaryRegion);
      await databases.change(id, { readRegions });
    },
    "POST update-allowlist/": (id, { body }) => {
      const { allowed_ips: ips } = read(v.object({ allowed_ips: v.nullable(v.array(v.string())) }), body);
      if (databases.wishOf(id).plan === "free") throw refusals.paidOnly("ip allowlist");
      databases.allow(id, ips ?? []);
    },
    // Every database has it already.
    "POST enable-tls/": () => undefined,
    "POST enable-eviction/": toggle("eviction", true),
    "POST disable-eviction/": toggle("eviction", false),
    "POST enable-autoupgrade/": toggle("autoUpgrade", true),
    "POST disable-autoupgrade/": toggle("autoUpgrade", false),
    "POST enable-prodpack/": toggle("prodPack", true),
    "POST disable-prodpack/": toggle("prodPack", false),
  };
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The body that the provider sends (types.go, CreateDatabaseRequest), and `plan` and `platform` of the API itself. */
const creation = v.object({
  database_name: v.pipe(v.string(), v.minLength(1)),
  region: v.optional(v.string(), "global"),
  primary_region: v.optional(v.string()),
  read_regions: v.optional(v.array(v.string()), []),
  tls: v.optional(v.boolean(), true),
  eviction: v.optional(v.boolean(), false),
  auto_upgrade: v.optional(v.boolean(), false),
  prod_pack_enabled: v.optional(v.boolean(), false),
  consistent: v.optional(v.boolean(), false),
  multizone: v.optional(v.boolean(), false),
  budget: v.optional(whole, 20),
  plan: v.optional(v.string()),
  platform: v.optional(v.picklist(["aws", "gcp"])),
});

async function create(databases: Databases, conditions: Conditions, body: unknown): Promise<unknown> {
  const given = read(creation, body);
  if (given.region !== "global") throw refusals.regional();
  const primaryRegion = given.primary_region ?? "";
  if (!PRIMARY_REGIONS.includes(primaryRegion)) throw refusals.invalid("primary_region");
  // "Defaults to either the pay-as-you-go or free plan, based on the account type" (openapi.yml, CreateDatabaseRequest.plan).
  const plan = given.plan ?? (conditions.paymentMethod ? "payg" : "free");
  checkPlan(databases, conditions, plan);
  const id = await databases.create({
    name: given.database_name,
    plan,
    primaryRegion,
    readRegions: checkedRegions(given.read_regions, primaryRegion),
    eviction: given.eviction,
    autoUpgrade: given.auto_upgrade,
    prodPack: given.prod_pack_enabled,
    budget: given.budget,
  });
  return databases.show(id, true);
}

async function changePlan(
  databases: Databases,
  conditions: Conditions,
  id: string,
  body: unknown,
): Promise<void> {
  const { plan_name: plan } = read(v.object({ plan_name: v.string() }), body);
  checkPlan(databases, conditions, plan, id);
  const before = PLANS[databases.wishOf(id).plan]?.rank ?? 0;
  if (conditions.downgradesRefused && (PLANS[plan]?.rank ?? 0) < before) throw refusals.lowerPlan();
  await databases.changePlan(id, plan);
}

function checkPlan(databases: Databases, { paymentMethod }: Conditions, plan: string, id?: string): void {
  if (PLANS[plan] === undefined) throw refusals.unknownPlan();
  if (plan === "free" && databases.countOf("free", id) > 0) throw refusals.secondFree();
  if (plan !== "free" && !paymentMethod) throw refusals.noPaymentMethod();
}

function checkedRegions(regions: string[], primaryRegion: string): string[] {
  if (!regions.every((region) => READ_REGIONS.includes(region) && region !== primaryRegion)) {
    throw refusals.invalid("read_regions");
  }
  return [...new Set(regions)];
}

function read<T extends v.GenericSchema>(schema: T, body: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  throw refusals.invalid(v.getDotPath(parsed.issues[0]) || "body");
}
