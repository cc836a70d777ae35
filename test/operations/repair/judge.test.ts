import { describe, expect, it } from "vitest";
import { commandLine } from "../../../base/command.ts";
import type { Place } from "../../../operations/drift/finding.ts";
import { type Facts, planRepair, type UserFacts } from "../../../operations/repair/judge.ts";
import { lockRefusal } from "../../../operations/repair/run.ts";

const APP = "urn:pulumi:prod::propiq-cache::propiq:index:AppSettings::app";
const CACHE = "urn:pulumi:prod::propiq-cache::propiq:cache:Azure$azure-native:redis:Redis::azure-c0";
const DATABASE =
  "urn:pulumi:prod::propiq-cache::propiq:cache:Upstash$upstash:index/redisDatabase:RedisDatabase::upstash";

const facts = (changes: Partial<Facts> = {}): Facts => ({
  stack: "prod",
  lock: { held: false },
  pending: [],
  places: [],
  notAsked: [],
  plan: { deployed: "azure-c0", configured: "azure-c0" },
  users: [],
  didLastUpdateFail: false,
  ...changes,
});
const place = (urn: string, code: Place["findings"][number]["code"], kind: Place["kind"] = "resource") => ({
  ...{ kind, name: "it", urn, notes: [] },
  findings: [{ code, words: "", keys: [], advice: { say: "" } }],
});
const user = (changes: Partial<UserFacts> = {}): UserFacts => ({
  ...{ name: "App Service app", urn: APP, enabled: true, wanted: true, isRefused: false },
  ...changes,
});
const of = (changes: Partial<Facts>) => {
  const { found, steps } = planRepair(facts(changes));
  return { codes: found.map(({ code }) => code), words: steps.map(({ words }) => words.join(" ")) };
};
const UP = "up --yes --skip-preview";
const held = { held: true, pid: 7, staleFiles: ["/state/locks/7.json"] } as const;

describe("the plan of a repair", () => {
  it("has no step where everything matches the config", () => {
    expect(of({ users: [user()] })).toEqual({ codes: [], words: [] });
  });

  it("repeats an update that failed or was interrupted, unless something else is known to be wrong", () => {
    expect(of({ didLastUpdateFail: true })).toEqual({ codes: ["UPDATE_FAILED"], words: [UP] });
    const edited = { didLastUpdateFail: true, places: [place(APP, "SETTINGS_CHANGED", "app")] };
    expect(of(edited)).toEqual({ codes: ["SETTINGS_CHANGED"], words: [UP.replace("up", "up --refresh")] });
  });

  it("removes a lock, forgets what was being created, and continues the update without reading anything again", () => {
    expect(of({ lock: { ...held, stale: true }, pending: [CACHE] })).toEqual({
      codes: ["LOCKED", "UNFINISHED"],
      words: ["", "refresh --clear-pending-creates --exclude ** --yes --skip-preview", UP],
    });
    expect(of({ places: [place(APP, "UNRECORDED", "app")] })).toEqual({ codes: ["UNRECORDED"], words: [UP] });
  });

  it("removes a stale lock by its own file, and cancels only where the holder cannot be judged from here", () => {
    const commandFor = (stale: boolean) =>
      planRepair(facts({ lock: { ...held, stale } })).steps.map(({ command }) => commandLine(command))[0];
    expect(commandFor(true)).toBe("rm -f /state/locks/7.json");
    expect(commandFor(false)).toBe("./propiq-cache pulumi cancel --yes --stack prod");
  });

  it("reads again only what others changed where an update was interrupted as well", () => {
    const { words } = of({
      places: [place(APP, "UNRECORDED", "app"), place(CACHE, "GONE")],
    });
    expect(words).toEqual([`refresh --target ${CACHE} --yes --skip-preview`, UP]);
  });

  it("reads everything again where others changed something, and no update was interrupted", () => {
    for (const code of ["SETTINGS_CHANGED", "SETTINGS_REMOVED", "CHANGED"] as const)
      expect(of({ places: [place(APP, code, "app")] }).words).toEqual(["up --refresh --yes --skip-preview"]);
  });

  it("has the state forget a database that was deleted at Upstash", () => {
    expect(of({ places: [place(DATABASE, "GONE")] }).words).toEqual([
      `state delete ${DATABASE} --target-dependents --yes`,
      UP,
    ]);
  });

  it("writes the change that off or on made in the config, and a new secret", () => {
    expect(of({ users: [user({ enabled: false })] })).toEqual({ codes: ["SWITCH_NOT_APPLIED"], words: [UP] });
    expect(of({ users: [user({ isRefused: true, passwordOf: DATABASE })] })).toEqual({
      codes: ["SECRET_REFUSED"],
      words: ["up --refresh --yes --skip-preview"],
    });
  });

  it("runs nothing where something is wrong that only the user can fix", () => {
    const { found, steps } = planRepair(
      facts({ lock: { ...held, stale: true }, places: [place(APP, "OTHER_OWNER", "app")] }),
    );
    expect(steps).toEqual([]);
    expect(found.at(-1)?.unfixable?.run?.length).toBe(1);
    const external = { deployed: "external", configured: "external" };
    expect(of({ plan: external, users: [user({ isRefused: true })] }).words).toEqual([]);
  });
});

describe("a lock", () => {
  const holder = { user: "ann", host: "laptop", isThisMachine: true };
  const refusal = (stale: boolean, isThisMachine: boolean, force: boolean) =>
    lockRefusal("prod", { ...held, stale, holder: { ...holder, isThisMachine } }, force)?.what;

  it("is removed where its process of this machine is dead", () => {
    expect(refusal(true, true, false)).toBeUndefined();
  });
  it("remains while its process runs on this machine, whatever the user says", () => {
    expect(refusal(false, true, true)).toContain("process 7");
  });
  it("of another machine is removed by --force-unlock alone", () => {
    expect(refusal(false, false, false)).toContain("another machine");
    expect(refusal(false, false, true)).toBeUndefined();
  });
});
