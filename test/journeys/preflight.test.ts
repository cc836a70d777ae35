/** The preflight of stack `prod` against emulated clouds: each thing that stands in the way, and that nothing is changed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultConditions } from "../../rehearsal/azure/conditions.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";

interface Finding {
  id: string;
  status: string;
  words: string;
  hint?: string;
}

let cloud: Cloud;
beforeAll(async () => {
  cloud = await makeCloud();
  await cloud.configure({ plan: "azure-c0" });
});
afterAll(async () => {
  expect(changes()).toEqual([]);
  await cloud?.stop();
});
afterEach(() => {
  Object.assign(cloud.azure.conditions, defaultConditions());
});

/** Requests that would have changed something. */
const changes = () =>
  [...cloud.azure.log, ...cloud.upstash.log]
    .filter(
      ({ method, path }) =>
        !/^(GET|HEAD)$/.test(method) && !/token$|checkNameAvailability$|list$/i.test(path),
    )
    .map(({ method, path }) => `${method} ${path}`);

async function preflight(env: Record<string, string> = {}) {
  const outcome = await cloud.project.run(["preflight", "--stack", "prod", "--format", "json"], {
    env: { ...cloud.env, ...env },
  });
  const report = JSON.parse(outcome.stdout || "{}") as { verdict: string; findings: Finding[] };
  const of = (id: string, status?: string) =>
    report.findings.find(
      (finding) => finding.id === id && (status === undefined || finding.status === status),
    );
  return { ...outcome, report, of };
}

describe("a stack that can be deployed", () => {
  it("gets a report of who signs in, what will be made, what restarts, how long it takes and what it costs", async () => {
    const { code, all, report, of } = await preflight();
    expect(code, all).toBe(0);
    expect(report.verdict).toBe("ready");
    expect(of("identity")?.words).toContain(cloud.azure.env["ARM_CLIENT_ID"]);
    expect(of("identity")?.words).toContain("by a client secret");
    expect(of("subscription")?.words).toContain("Emulated subscription");
    expect(of("plan", "warn")?.words).toContain("2028-09-30");
    expect(of("plan")?.hint).toContain("./propiq-cache pulumi config set plan azure-managed-b0 --stack prod");
    expect(of("budget")?.words).toBe("about $16.06 a month; the stack allows $25");
    expect(of("change")?.words).toMatch(/propiq-redis-azure-c0-[0-9a-f]{8} .*15 to 40 minutes.*starts empty/);
    expect(of("app")?.words).toMatch(/luntra-outreach-app .*restarts once/);
    expect(of("name")?.words).toContain("the name is free");
    expect(report.findings.every(({ status, hint }) => status === "pass" || status === "note" || hint)).toBe(
      true,
    );
  });

  it("gets the same report as text, with the next command", async () => {
    const outcome = await cloud.run("preflight", "--stack", "prod");
    expect(outcome.code, outcome.all).toBe(0);
    expect(outcome.stdout).toMatch(/^✔ ready {2}stack prod, plan azure-c0\n/);
    expect(outcome.stdout).toContain("Next: ./propiq-cache pulumi preview --stack prod");
  });
});

describe("preflight", () => {
  it.each([
    [
      "a role that only reads",
      { role: "Reader" as const },
      "permissions",
      /may not do in propiq-rg: .*Microsoft\.Cache\/redis\/write/,
      /--role 'Website Contributor'/,
    ],
    [
      "a role for the app alone",
      { role: "Website Contributor" as const },
      "permissions",
      /Microsoft\.Cache\/redis\/write/,
      /--role 'Redis Cache Contributor'/,
    ],
    [
      "a provider that is not registered",
      { unregistered: ["Microsoft.Cache"] },
      "provider",
      /not registered Microsoft\.Cache/,
      /az provider register --namespace Microsoft\.Cache/,
    ],
  ])("reports %s", async (_, conditions, id, words, hint) => {
    Object.assign(cloud.azure.conditions, conditions);
    const { code, of, all } = await preflight();
    expect(code, all).toBe(1);
    expect(of(id, "fail")?.words).toMatch(words);
    expect(of(id, "fail")?.hint).toMatch(hint);
  });

  it("reports alerts that may not be made", async () => {
    await cloud.configure({ "alerts.emails[0]": "ops@example.com" });
    Object.assign(cloud.azure.conditions, {
      role: { actions: ["*"], notActions: ["Microsoft.Insights/*"] },
      unregistered: ["microsoft.insights"],
    });
    const { code, of, all } = await preflight();
    await cloud.configure({ alerts: undefined });
    expect(code, all).toBe(1);
    expect(of("provider", "fail")?.words).toContain(
      "not registered Microsoft.Insights, so it can have no alerts",
    );
    expect(of("permissions", "fail")?.words).toContain("Microsoft.Insights/metricAlerts/write");
    expect(of("permissions", "fail")?.hint).toContain("--role 'Monitoring Contributor'");
    expect(of("budget")?.words).toBe("about $16.56 a month; the stack allows $25");
  });

  it("reports a name that another user has", async () => {
    const [, name = ""] = /(propiq-redis-azure-c0-[0-9a-f]{8})/.exec((await preflight()).stdout) ?? [];
    cloud.azure.conditions.takenNames = [name];
    const { code, of } = await preflight();
    expect(code).toBe(1);
    expect(of("name", "fail")?.hint).toContain("config set name propiq-redis-2 --stack prod");
  });

  it("reports an app that does not exist", async () => {
    await cloud.configure({ "app.name": "no-such-app" });
    const { code, of } = await preflight();
    await cloud.configure({ "app.name": "luntra-outreach-app" });
    expect(code).toBe(1);
    expect(of("app", "fail")?.words).toContain("There is no App Service no-such-app in propiq-rg");
  });

  it("reports a group that does not exist", async () => {
    await cloud.configure({ "azure.resourceGroup": "other-rg" });
    const { code, of } = await preflight();
    await cloud.configure({ "azure.resourceGroup": "propiq-rg" });
    expect(code).toBe(1);
    expect(of("group", "fail")?.hint).toContain("az group create --name other-rg --location eastus");
  });

  it("reports a config that costs more than the stack allows, with every other error in it", async () => {
    await cloud.configure({ plan: "azure-standard-c1" });
    const { code, of, all } = await preflight();
    await cloud.configure({ plan: "azure-c0" });
    expect(code, all).toBe(2);
    expect(of("config", "fail")?.words).toMatch(/costs about \$100\.74 a month/);
  });

  it("reports state in files of a machine that does not exist after the job", async () => {
    const { code, of } = await preflight({ CI: "true" });
    expect(code).toBe(1);
    expect(of("state", "fail")?.hint).toContain("export PULUMI_BACKEND_URL='azblob://");
    const shared = await preflight({ CI: "true", PULUMI_BACKEND_URL: "azblob://state?storage_account=x" });
    expect(shared.of("state")?.status).toBe("pass");
  });
});

describe("a service that cannot be asked", () => {
  it("is reported, with how to sign in, where no user is signed in", async () => {
    const { code, of, all } = await preflight({ ARM_CLIENT_SECRET: "wrong" });
    expect(code, all).toBe(2);
    expect(of("identity")?.status).toBe("unknown");
    expect(of("identity")?.hint).toMatch(/ARM_CLIENT_SECRET/);
    expect(all).not.toContain(cloud.azure.env["ARM_CLIENT_SECRET"]);
  });

  it("is reported for Upstash without credentials, with how to get them", async () => {
    await cloud.configure({ plan: "upstash-free" });
    const { code, of, all } = await preflight({ UPSTASH_API_KEY: "" });
    expect(code, all).toBe(2);
    expect(of("upstash", "unknown")?.hint).toContain("export UPSTASH_EMAIL=");
    const wrong = await preflight({ UPSTASH_API_KEY: "wrong" });
    expect(wrong.code).toBe(2);
    expect(wrong.of("upstash", "unknown")?.words).toContain("401");
    await cloud.configure({ plan: "azure-c0" });
  });
});

describe("a stack on Upstash", () => {
  it("learns whether the account's one free database is taken", async () => {
    await cloud.configure({ plan: "upstash-free" });
    const clear = await preflight();
    expect(clear.code, clear.all).toBe(0);
    expect(clear.of("upstash")?.words).toContain(cloud.upstash.email);

    const id = await cloud.upstash.makeDatabase({ name: "by-hand", plan: "free" });
    const taken = await preflight();
    await cloud.upstash.removeDatabase(id);
    await cloud.configure({ plan: "azure-c0" });
    expect(taken.code, taken.all).toBe(1);
    expect(taken.of("upstash", "fail")?.words).toBe("The account's one free database is taken: by-hand.");
    expect(taken.of("upstash", "fail")?.hint).toContain(`config set --path upstash.adopt ${id} --stack prod`);
  });
});
