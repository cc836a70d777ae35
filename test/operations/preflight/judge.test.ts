import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { advice } from "../../../base/advice.ts";
import { program } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import type { AzureCache } from "../../../infra/azure/list.ts";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { reportOf } from "../../../operations/preflight/finding.ts";
import {
  type AppFacts,
  type AzureFacts,
  judgeApp,
  judgeAzure,
  planOf,
} from "../../../operations/preflight/judge-azure.ts";
import { type Backend, FILE_BACKEND, judgeStack } from "../../../operations/preflight/judge-stack.ts";
import { judgeUpstash } from "../../../operations/preflight/judge-upstash.ts";
import type { Status } from "../../../operations/result.ts";
import { hintOf } from "../hint-of.ts";

const settings = (config: Record<string, string>) =>
  parseSettings({ app: '{"name":"the-app"}', ...config }, { stack: "prod", isSecret: () => false });
const backend: Backend = {
  ...{ url: "azblob://state", pipeline: false, secrets: "passphrase-set", hasLogin: false },
};
const today = new Date("2026-11-24");
const statuses = (found: readonly { id: string; status: string }[]) =>
  found.map(({ id, status }) => `${id} ${status}`);

describe("the judgement of the stack's own config", () => {
  it.each([
    ["azure-managed-b0", "2026-11-24", "pass"],
    ["azure-c0", "2026-11-24", "warn"],
    ["azure-c0", "2028-09-30", "warn"],
    ["azure-c0", "2028-10-01", "fail"],
  ])("judges the life of %s on %s: %s", (plan, date, status) => {
    const [found] = judgeStack(settings({ plan }), backend, new Date(date));
    expect(found).toMatchObject({ id: "plan", status });
    expect(hintOf(found) !== undefined).toBe(status !== "pass");
  });

  it("reports config that is valid and probably not intended", () => {
    const [found] = judgeStack(settings({ plan: "azure-managed-b0", ttl: '{"short":500}' }), backend, today);
    expect(found).toMatchObject({
      id: "config",
      status: "warn",
      words: expect.stringContaining("ttl.short"),
    });
    expect(hintOf(found)).toContain("Pulumi.");
  });

  it("counts standby caches, and reports a retiring one among them", () => {
    const found = judgeStack(
      settings({ plan: "azure-managed-b0", standby: '["azure-c0"]', monthlyBudgetUsd: "100" }),
      backend,
      today,
    );
    expect(found[0]).toMatchObject({ id: "plan", status: "warn" });
    expect(found[1]?.words).toBe("about $27.74 a month, standby azure-c0 included; the stack allows $100");
  });

  it.each([
    [{ url: "file:///x", pipeline: true }, "state fail"],
    [{ url: "file:///x", pipeline: false }, "state note"],
    [{ url: "azblob://x", pipeline: true }, "state pass"],
    [{ url: undefined, pipeline: true }, "state pass"],
  ])("judges a back end: %j", (given, expected) => {
    const secrets = "elsewhere" as const;
    const found = judgeStack(
      settings({ plan: "azure-managed-b0" }),
      { ...backend, ...given, secrets },
      today,
    );
    expect(statuses(found)[2]).toBe(expected);
  });

  it("refuses files in a pipeline with what moves them, and elsewhere says in a line where a team's state is", () => {
    const judged = (pipeline: boolean) =>
      judgeStack(settings({ plan: "azure-c0" }), { ...backend, url: "file:///x", pipeline }, today)[2];
    expect(hintOf(judged(true))?.split("\n")).toContain(
      "Run: ./propiq-cache pulumi stack migrate 'file://./.propiq?metadata=skip' prod --yes",
    );
    expect(hintOf(judged(true))).toContain("./propiq-cache pulumi stack init prod");
    expect(judged(false)?.words).toMatch(/on this machine only\. .*docs\/team\.md/);
    expect(hintOf(judged(false))).toBeUndefined();
  });

  it("names the back end that Pulumi.yaml has as the one to move from", async () => {
    const project = parse(await readFile(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as {
      backend: { url: string };
    };
    expect(FILE_BACKEND).toBe(project.backend.url);
  });

  it.each([
    [{ url: "https://api.pulumi.com", pipeline: true, hasLogin: false }, ["state pass", "state fail"]],
    [{ url: "https://api.pulumi.com", pipeline: false, hasLogin: false }, ["state pass", "state warn"]],
    [{ url: "https://api.pulumi.com", pipeline: true, hasLogin: true }, ["state pass"]],
    [{ url: "azblob://x", pipeline: true, hasLogin: false }, ["state pass"]],
  ])("requires a user to be logged in to Pulumi Cloud: %j", (given, expected) => {
    const secrets = "elsewhere" as const;
    const found = judgeStack(
      settings({ plan: "azure-managed-b0" }),
      { ...backend, ...given, secrets },
      today,
    );
    expect(statuses(found).slice(2)).toEqual(expected);
  });

  it("requires the passphrase at once in a pipeline, which cannot ask a user", () => {
    const judged = (pipeline: boolean) =>
      judgeStack(
        settings({ plan: "azure-managed-b0" }),
        { ...backend, pipeline, secrets: "passphrase-missing" },
        today,
      );
    expect(statuses(judged(true))).toContain("state fail");
    expect(statuses(judged(false))).toContain("state warn");
  });

  it("shows no password of a back end's URL", () => {
    const found = judgeStack(
      settings({ plan: "azure-c0" }),
      { ...backend, url: "postgres://me:secret@db/state?key=secret" },
      today,
    );
    expect(JSON.stringify(found)).not.toContain("secret@");
    expect(found[2]?.words).toBe("state: postgres://db/state");
  });
});

const facts = (more: Partial<AzureFacts>): AzureFacts => ({
  identity: { value: { kind: "az", who: "me@example.com", tenant: "t" } },
  subscriptionId: "s1",
  subscription: { value: { name: "Ours", state: "Enabled" } },
  ...more,
});
const cache = (name: string): AzureCache => ({
  ...{ id: `/x/${name}`, name, service: "azure", resourceGroup: "propiq-rg", location: "eastus" },
  ...{ hostName: undefined, state: "Succeeded", sku: "Basic C0", highAvailability: false, tags: {} },
});

describe("the judgement of Azure's answers", () => {
  it("says which cache is deleted, when, and how to keep it", () => {
    const leaving = { value: [cache("propiq-redis-azure-standard-c0-1a2b3c4d")] };
    const found = judgeAzure(facts({ leaving }), settings({ plan: "azure-managed-b0" }));
    expect(found.at(-1)).toMatchObject({ id: "change", status: "note" });
    expect(found.at(-1)?.words).toMatch(/deleted 30 s after the app was seen on the other cache/);
    expect(hintOf(found.at(-1))).toContain("config set --path 'standby[0]' azure-standard-c0 --stack prod");
  });

  it.each(["Disabled", "PastDue", "Deleted"])("refuses a subscription that is %s", (state) => {
    const found = judgeAzure(
      facts({ subscription: { value: { name: "Ours", state } } }),
      settings({ plan: "azure-c0" }),
    );
    expect(statuses(found)).toContain("subscription fail");
  });

  const ofCache = (more: Omit<NonNullable<AzureFacts["caches"]>[number], "plan" | "name">, azure = "{}") =>
    statuses(
      judgeAzure(
        facts({ caches: [{ plan: "azure-c0", name: "theirs", ...more } as never] }),
        settings({ plan: "azure-c0", azure }),
      ),
    );

  it("refuses a cache that another user made, and one of its own in another region", () => {
    expect(ofCache({ found: { value: "other" } })).toContain("name fail");
    expect(ofCache({ found: { value: "own" }, location: "eastus" })).toContain("name pass");
    expect(ofCache({ found: { value: "own" }, location: "westus" })).toContain("name fail");
    expect(ofCache({ found: { value: "own" }, location: "westus" }, '{"location":"westus"}')).toContain(
      "name pass",
    );
  });

  it("accepts a cache to adopt, refuses it where it cannot be adopted, and warns where it has another plan", () => {
    const refusal = new PropiqError("there is none", { code: "CACHE_NOT_FOUND", next: { say: "make one" } });
    expect(ofCache({ adopted: { value: { info: "adopted" } } })).toContain("name pass");
    expect(
      ofCache({
        adopted: { value: { info: "adopted", warning: { happened: "is C1", next: { say: "two ways" } } } },
      }),
    ).toContain("name warn");
    expect(ofCache({ adopted: { value: refusal } })).toContain("name fail");
    expect(ofCache({ adopted: { why: "no answer", advice: advice("again") } })).toContain("name unknown");
  });

  it("does not report a failed question as a refusal", () => {
    const missing = { why: "no answer", advice: advice("once more") };
    const found = judgeAzure(
      facts({
        group: missing,
        registrations: [{ namespace: "Microsoft.Cache", state: missing }],
        leaving: missing,
      }),
      settings({ plan: "azure-c0" }),
    );
    expect(statuses(found)).toEqual([
      "identity pass",
      "subscription pass",
      "provider unknown",
      "group unknown",
      "change unknown",
    ]);
    expect(reportOf("prod", "azure-c0", found).verdict).toBe("unknown");
  });

  it("says what is not possible without each provider that is not registered", () => {
    const state = { value: "NotRegistered" };
    const registrations = ["Microsoft.Cache", "Microsoft.Insights"].map((namespace) => ({
      namespace,
      state,
    }));
    const found = judgeAzure(facts({ registrations }), settings({ plan: "azure-c0" }));
    const told = found.filter(({ id }) => id === "provider");
    expect(told.map(({ words }) => words)).toEqual([
      "The subscription has not registered Microsoft.Cache, so it can have no cache.",
      "The subscription has not registered Microsoft.Insights, so it can have no alerts.",
    ]);
    expect(hintOf(told[1])).toContain("az provider register --namespace Microsoft.Insights --subscription");
  });

  it("recognizes plans by the longest name", () => {
    expect(planOf({ name: "x-azure-managed-b0-ha-1a2b3c4d" })).toBe("azure-managed-b0-ha");
    expect(planOf({ name: "by-hand" })).toBeUndefined();
  });
});

describe("the judgement of an app", () => {
  const stack = settings({ plan: "azure-c0" });
  const [app] = stack.apps;
  const judged = (value: object) => {
    if (app === undefined) throw new Error("the stack has no app");
    const site = { value: { state: "Running", settings: {}, ...value } };
    return judgeApp({ app, label: "the-app", site } as AppFacts, stack, "propiq-cache");
  };

  it("names what is taken over, and how much is left alone", () => {
    const held = { REDIS_URL: "x", REDIS_HOST: "y", REDIS_SSL: "true", B: "2" };
    expect(judged({ settings: held })[0]?.words).toBe(
      "the-app restarts once; REDIS_HOST, REDIS_URL there are taken over, and destroy restores them; its 2 other settings stay as they are.",
    );
  });

  it("refuses an app that another stack has", () => {
    expect(statuses(judged({ owner: { project: "propiq-cache", stack: "staging" } }))).toEqual(["app fail"]);
    expect(statuses(judged({ owner: { project: "propiq-cache", stack: "prod" } }))).toEqual(["app note"]);
  });

  it("says what prevents its access to its Key Vault, and what could not be asked", () => {
    const withVault = (vault: AppFacts["vault"]) => {
      const wired = settings({ plan: "azure-c0", app: '{"name":"the-app","keyVault":"the-vault"}' });
      const [one] = wired.apps;
      if (one === undefined || vault === undefined) throw new Error("the stack has no app");
      const site = { value: { state: "Running", settings: {} } };
      return judgeApp({ app: one, label: "the-app", site, vault }, wired, "propiq-cache");
    };
    expect(statuses(withVault({ value: [] }))).toEqual(["app note", "vault pass"]);
    const noVault = { say: "no vault", next: advice("Create it.", program("az", "keyvault", "create")) };
    const noIdentity = { say: "no identity", next: advice("Assign one.") };
    expect(withVault({ value: [noVault, noIdentity] }).slice(1)).toEqual([
      { id: "vault", status: "fail", words: "no vault", advice: noVault.next },
      { id: "vault", status: "fail", words: "no identity", advice: noIdentity.next },
    ]);
    expect(statuses(withVault({ why: "no answer", advice: advice("again") }))).toEqual([
      "app note",
      "vault unknown",
    ]);
  });

  it("warns where it is stopped", () => {
    expect(statuses(judged({ state: "Stopped" }))).toEqual(["app note", "app warn"]);
  });
});

describe("the judgement of Upstash's answers", () => {
  const database = {
    ...{
      id: "d1",
      name: "propiq-redis-upstash-1a2b3c4d",
      host: "h",
      port: 6379,
      state: "active",
      modifying: "",
    },
    ...{ plan: "free" as const, budget: undefined, primaryRegion: undefined, readRegions: [], createdAt: 0 },
  };
  const judged = (config: Record<string, string>, databases = [database]) =>
    judgeUpstash(
      { email: "me@example.com", name: database.name, databases: { value: databases } },
      settings(config),
    );

  it("distinguishes the stack's own free database from another", () => {
    expect(statuses(judged({ plan: "upstash-free" }))).toEqual(["upstash pass", "name pass"]);
    expect(statuses(judged({ plan: "upstash-free" }, [{ ...database, name: "other" }]))).toEqual([
      "upstash pass",
      "upstash fail",
    ]);
    expect(statuses(judged({ plan: "upstash-payg" }, [{ ...database, name: "other" }]))).toEqual([
      "upstash pass",
      "name pass",
      "change note",
    ]);
  });

  it("says what another region needs: a second database, of which one is free", () => {
    const elsewhere = { ...database, primaryRegion: "eu-west-1" as never };
    const upstash = '{"primaryRegion":"us-east-1"}';
    const free = judged({ plan: "upstash-free", upstash }, [elsewhere]);
    expect(statuses(free)).toEqual(["upstash pass", "upstash fail"]);
    // It is the stack's own: adopted, it would be deleted.
    expect(hintOf(free[1])).not.toContain("adopt");
    const paid = judged({ plan: "upstash-payg", upstash }, [elsewhere]);
    expect(statuses(paid)).toEqual(["upstash pass", "name pass", "change note"]);
    const stays = judged({ plan: "upstash-free" }, [elsewhere]);
    expect(statuses(stays)).toEqual(["upstash pass", "name pass"]);
    expect(paid[2]?.words).toContain("The one in eu-west-1 is deleted");
  });

  it("says when the database is deleted where the config names another plan", () => {
    expect(hintOf(judged({ plan: "azure-managed-b0" })[0])).toContain("'standby[0]' upstash-free");
    expect(judged({ plan: "azure-managed-b0" }, [])).toEqual([]);
  });

  it("requires the database to adopt", () => {
    expect(statuses(judged({ plan: "upstash-free", upstash: '{"adopt":"d1d1d1d1"}' }))).toContain(
      "name fail",
    );
  });
});

it.each<[Status[], string]>([
  [["pass", "note", "warn"], "ready"],
  [["pass", "unknown"], "unknown"],
  [["unknown", "fail"], "not-ready"],
])("the verdict of %j is %s", (all, verdict) => {
  const findings = all.map((status) => ({ id: "state" as const, status, words: "" }));
  expect(reportOf("prod", undefined, findings).verdict).toBe(verdict);
});
