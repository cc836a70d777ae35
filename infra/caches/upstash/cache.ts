/** The `upstash-*` plans: one database, whose plan changes in place, or one that another user made. */

import { RunError } from "@pulumi/pulumi/errors.js";
import { getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { all, type Output, secret, unsecret } from "@pulumi/pulumi/output.js";
import { ComponentResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { advice } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { explain, PropiqError } from "../../../base/errors.ts";
import type { Target } from "../../../check/target.ts";
import { isIn, PLANS, type Plan } from "../../plans/catalogue.ts";
import { nearestUpstashRegion } from "../../regions/distance.ts";
import { recordedOutputs } from "../../settings/recorded.ts";
import type { Settings } from "../../settings/settings.ts";
import { upstashCredentials } from "../../upstash/credentials.ts";
import { upstashHost } from "../../upstash/database.ts";
import { reportAdopted } from "../adopted.ts";
import { identityOf } from "../azure/identity.ts";
import type { Cache } from "../cache.ts";
import { databaseHooks, planHooks } from "./hooks.ts";
import { RedisDatabase, UpstashPlan } from "./resources.ts";
import { type UpstashWish, upstashWish } from "./wish.ts";

/**
 * @param plan the active one, or one of `standby`: all Upstash plans share one database
 * @throws RunError in previews too, before anything is registered
 */
export async function upstashCache(settings: Settings, plan: Plan): Promise<Cache> {
  try {
    const account = { email: accountOfStack(), project: getProject(), ...(await nearTheApp(settings)) };
    const wish = upstashWish(settings, plan, account);
    if (wish.adopt !== undefined) {
      const [{ openUpstash }, { lookAtAdopted }] = await Promise.all([
        import("../../upstash/api.ts"),
        import("./adopted.ts"),
      ]);
      await reportAdopted(await lookAtAdopted(openUpstash(process.env), wish.adopt, wish));
    }
    return new UpstashCache(settings, wish);
  } catch (error) {
    if (error instanceof PropiqError) throw new RunError(explain(error));
    throw error;
  }
}

/** Asks for the app's region only for a database that is probably new: each run of the program would pay for it. */
async function nearTheApp(settings: Settings): Promise<{ defaultRegion?: string }> {
  if (settings.upstash?.primaryRegion !== undefined) return {};
  const { plan } = await recordedOutputs();
  if (PLANS.some((known) => known === plan && isIn("upstash", known))) return {};
  const { regionOfApp } = await import("../../regions/of-app.ts");
  const region = await regionOfApp(settings);
  const defaultRegion = region === undefined ? undefined : nearestUpstashRegion(region);
  return defaultRegion === undefined ? {} : { defaultRegion };
}

/** The account's e-mail. Credentials in the stack's config win in Pulumi's provider, and must not name another account. */
function accountOfStack(): string {
  const config = allConfig();
  const configured = config["upstash:email"];
  const { email } = upstashCredentials(process.env, configured !== undefined || "upstash:apiKey" in config);
  if (configured !== undefined && configured.trim() !== email) {
    throw new PropiqError(
      "The stack's config (upstash:email) and the environment (UPSTASH_EMAIL) name two Upstash accounts.",
      {
        code: "TWO_ACCOUNTS",
        next: advice(
          "Remove the account from the config, so that only the environment names one.",
          pulumi(getStack(), "config", "rm", "upstash:email"),
          pulumi(getStack(), "config", "rm", "upstash:apiKey"),
        ),
      },
    );
  }
  return email;
}

class UpstashCache extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;

  /**
   * Another `name` or `upstash.primaryRegion` makes another, empty database; another Upstash plan and
   * `upstash.readRegions` change this one.
   */
  constructor(settings: Settings, wish: UpstashWish) {
    super("propiq:cache:Upstash", "upstash");
    const { adopt } = wish;
    const database = adopt === undefined ? this.#make(settings, wish) : this.#adopt(adopt);
    // On our own database: anyone who uses it gets it with its plan.
    const plan = adopt === undefined ? this.#setPlan(database, wish).plan : undefined;
    this.target = secret(
      all([database.endpoint, database.port, database.password]).apply(([endpoint, port, password]) => ({
        host: upstashHost(endpoint),
        port,
        tls: true,
        db: 0,
        password,
      })),
    );
    this.identity = unsecret(
      all([database.id, plan ?? "adopted", this.target]).apply(([id, size, target]) =>
        identityOf(id, size, target),
      ),
    );
    this.registerOutputs();
  }

  #make(settings: Settings, wish: UpstashWish): RedisDatabase {
    const { name, primaryRegion, isRegionChosen, readRegions, budget } = wish;
    const ignoreChanges = [
      // Of a plan that has none, Upstash may say what it likes.
      ...(budget === undefined ? ["budget"] : []),
      // Another region would be another, empty database.
      ...(isRegionChosen ? [] : ["primaryRegion"]),
    ];
    const options: CustomResourceOptions = {
      parent: this,
      hooks: databaseHooks(settings, wish),
      ignoreChanges,
    };
    return new RedisDatabase(
      "upstash",
      {
        databaseName: name,
        // Regional ones cannot be made any more.
        region: "global",
        primaryRegion,
        ...(readRegions.length === 0 ? {} : { readRegions: [...readRegions] }),
        // Always on at Upstash; left out, the next update would see a change to false and replace the database.
        tls: true,
        // Off by default, and then writes fail when it is full.
        eviction: true,
        ...(budget === undefined ? {} : { budget }),
      },
      options,
    );
  }

  #setPlan({ databaseId }: RedisDatabase, wish: UpstashWish): UpstashPlan {
    const { planName: plan, budget } = wish;
    return new UpstashPlan(
      "upstash-plan",
      { databaseId, plan, ...(budget === undefined ? {} : { budget }) },
      { parent: this, hooks: planHooks(wish) },
    );
  }

  #adopt(id: string): RedisDatabase {
    // Under a name of its own: taking the place of one that we made would delete that one. The provider answers with its
    // prefix before the id; asked for another one, it would seem to be replaced each time.
    const options = { parent: this, id: `upstash-database-${id}` };
    return new RedisDatabase("upstash-adopted", { databaseId: id }, options);
  }
}
