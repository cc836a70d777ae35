import { describe, expect, it } from "vitest";
import { adviceText } from "../../base/advice.ts";
import type { App } from "../../check/app/app.ts";
import { endOfImpact, withOneAdvice } from "../../check/consequences.ts";
import { adviceFor } from "../../check/faults/advice.ts";
import type { CheckId, CheckResult, Code } from "../../check/report.ts";
import type { Subject } from "../../check/subject.ts";
import { impactInWords } from "../../check/words.ts";

const app: App = { name: "luntra-outreach-app", resourceGroup: "propiq-rg" };
const fail = (id: CheckId, code: Code): CheckResult => ({
  ...{ id, title: id, status: "fail", code, durationMs: 1 },
  hint: "its own advice",
});
const healthy: CheckResult = { id: "app-health", title: "App's health", status: "pass", durationMs: 1 };
const inProd: Subject = { enabled: true, stack: "prod", apps: [app] };
const byApp: Subject = { enabled: true, apps: [app] };
const hintFor = (code: Code, subject: Subject) => adviceText(adviceFor(code, subject));
const hintsOf = (checks: CheckResult[], subject = inProd) =>
  withOneAdvice(checks, subject).map(({ hint }) => hint);

describe("one cause has one advice:", () => {
  it.each<[string, CheckId, Code]>([
    ["settings that were removed", "app-settings", "SETTINGS_REMOVED"],
    ["a Redis that hangs", "ping", "TIMEOUT"],
    ["a Redis that does not exist", "dns", "DNS_NOT_FOUND"],
    ["an app that is stopped", "app-health", "APP_STOPPED"],
  ])("the advice does not restart an app that does not use its cache because of %s", (_what, id, code) => {
    const hints = hintsOf([fail(id, code), fail("app-uses-cache", "APP_NOT_USING_CACHE")]);
    expect(hints).toEqual(["its own advice", `Caused by: ${id}. Fix that first.`]);
  });

  it("without another failure, an app that does not use its cache has its own", () => {
    expect(hintsOf([fail("app-uses-cache", "APP_NOT_USING_CACHE")])).toEqual(["its own advice"]);
  });

  it("settings that disable the cache are not their own cause", () => {
    const hints = hintsOf([fail("app-settings", "APP_CACHE_OFF"), fail("app-uses-cache", "APP_CACHE_OFF")]);
    expect(hints).toEqual(["its own advice", "Caused by: app-settings. Fix that first."]);
  });

  it("a cache that edited settings do not find is not a failure of the cache", () => {
    const settings = { expected: [], missing: [], different: ["REDIS_PORT"], unresolved: [], words: "" };
    const astray = { ...byApp, apps: [{ ...app, settings }] };
    const checks = [fail("tcp", "TCP_REFUSED"), fail("app-settings", "SETTINGS_DIFFER")];
    expect(hintsOf(checks, astray)).toEqual(["Caused by: app-settings. Fix that first.", "its own advice"]);
    expect(hintsOf(checks, inProd)).toEqual(["its own advice", "its own advice"]);
  });
});

describe("the command that ends the impact", () => {
  const words = (checks: CheckResult[], subject = inProd) =>
    endOfImpact(checks, "users-affected", subject)?.words.join(" ");

  it("is off, for the given stack or for the stack that wires the app", () => {
    expect(words([fail("ping", "TIMEOUT")])).toBe("./propiq-cache off --stack prod");
    const known = { ...byApp, apps: [{ ...app, stack: "prod" }] };
    expect(words([fail("ping", "TIMEOUT")], known)).toBe("./propiq-cache off --stack prod");
  });

  it("is Azure's own where no stack is known", () => {
    expect(words([fail("ping", "TIMEOUT")], byApp)).toBe(
      "az webapp config appsettings set --name luntra-outreach-app --resource-group propiq-rg --settings REDIS_ENABLED=false",
    );
  });

  it("does not exist where the cache is not the cause, or is off already", () => {
    expect(words([fail("app-health", "APP_STOPPED")])).toBeUndefined();
    expect(words([fail("app-health", "APP_UNREACHABLE")])).toBeUndefined();
    expect(words([fail("app-settings", "APP_CACHE_OFF")])).toBeUndefined();
    expect(endOfImpact([fail("tcp", "TCP_TIMEOUT")], "none", inProd)).toBeUndefined();
  });
});

describe("the impact in words", () => {
  const said = (impact: "users-affected" | "slower", ...checks: CheckResult[]) =>
    impactInWords({ verdict: "failed", impact, checks });

  it("names the cause", () => {
    expect(said("users-affected", fail("app-health", "APP_STOPPED"))).toBe(
      "Users are affected: the app is stopped.",
    );
    expect(said("users-affected", fail("ping", "TIMEOUT"))).toBe(
      "Users are affected: the app waits for its cache.",
    );
  });

  it("does not ask whether the app works without its cache where its health is known", () => {
    expect(said("slower", fail("ping", "TIMEOUT"), healthy)).not.toContain("if");
    expect(said("slower", fail("auth", "AUTH_WRONG"))).toContain("if it works without its cache");
  });
});

describe("the advice", () => {
  it("for an app that is stopped starts it", () => {
    expect(hintFor("APP_STOPPED", inProd)).toContain(
      "az webapp start --name luntra-outreach-app --resource-group propiq-rg",
    );
  });

  it("for settings that differ names the stack that wires the app, where no stack was named", () => {
    const known = { ...byApp, apps: [{ ...app, stack: "prod" }] };
    expect(hintFor("SETTINGS_DIFFER", known)).toMatch(/repair --stack prod$/);
  });

  it("repeats the command that was typed", () => {
    const again = { words: ["./propiq-cache", "verify", "--env-file", ".env"] };
    expect(hintFor("DNS_NOT_FOUND", { enabled: true, again })).toMatch(
      /\.\/propiq-cache verify --env-file \.env$/,
    );
  });

  it.each(["azure", "azure-managed"] as const)("for a refused connection names causes (%s)", (provider) => {
    const target = { host: "propiq.redis.azure.net", port: 6380, tls: true, db: 0 };
    expect(hintFor("TCP_REFUSED", { ...inProd, provider, target })).toMatch(
      /deleted.*still being created.*firewall[\s\S]*repair --stack prod$/,
    );
  });
});
