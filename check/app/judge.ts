/** Is the app really using the cache? From what it holds, what it says, and who was seen on the cache. No I/O. */
import { counted } from "../../base/counted.ts";
import type { Finding } from "../finding.ts";
import type { CheckId, Code } from "../report.ts";
import { memoryInWords, shareInWords } from "../words.ts";
import type { App, AppSettingsSeen } from "./app.ts";
import { type Health, UNWELL } from "./health.ts";

/** Who else was seen on the cache right after the app had been asked. */
export interface Others {
  /** Connections of others. */
  connections: number;
  /** Of these, the ones that were used within the last second. */
  active: number;
}

export interface AppSeen {
  app: App;
  /** Absent where it was not asked. */
  health?: Health;
  /** Absent where nobody looked, or the server does not report. */
  others?: Others;
}

/** What one app comes to, a finding for each of its checks that can be made. */
export function judgeApp(seen: AppSeen): Finding[] {
  const { app, health } = seen;
  return [
    ...(app.settings === undefined ? [] : [judgeSettings(app.settings)]),
    ...(health === undefined && app.down === undefined ? [] : [judgeHealth(health, app.down)]),
    ...(health === undefined ? [] : [judgeUse(seen, health)]),
  ];
}

function judgeSettings(seen: AppSettingsSeen): Finding {
  const { expected, missing, different, unresolved } = seen;
  const id = "app-settings";
  if (missing.length === expected.length)
    return fail(id, "SETTINGS_REMOVED", "the app has none of its cache's settings", "all of them");
  // The app runs without a cache on purpose, so other differences do not matter.
  if (seen.switchedOff)
    return fail(id, "APP_CACHE_OFF", "REDIS_ENABLED is false in the app's settings", "true");
  if (unresolved.length > 0) {
    const words = unresolved.map(({ name, status }) => `${name} (${status})`).join(", ");
    return fail(id, "SECRET_REF_UNRESOLVED", `the vault's secret cannot be read for ${words}`, "Resolved");
  }
  if (seen.switchedOn) {
    const observed = "off was not carried out: REDIS_ENABLED is on in the app, and off in the stack's config";
    return fail(id, "SETTINGS_DIFFER", observed, "false");
  }
  if (seen.edited) {
    const observed = "they were edited after they were written: the fingerprint does not match";
    return fail(id, "SETTINGS_DIFFER", observed, "as they were written");
  }
  const edits = [
    ...(different.length === 0 ? [] : [`other values: ${different.join(", ")}`]),
    ...(missing.length === 0 ? [] : [`missing: ${missing.join(", ")}`]),
  ];
  return edits.length === 0
    ? { id, status: "pass", observed: seen.words }
    : fail(id, "SETTINGS_DIFFER", edits.join("; "), "what the stack says");
}

/** An app without a cache does not use the other settings, so edits of those change nothing for it. */
export function isUnused(finding: Finding, { settings }: App): boolean {
  const isEdit = finding.status === "fail" && finding.code === "SETTINGS_DIFFER";
  return isEdit && settings?.switchedOn !== true && settings?.different.includes("REDIS_ENABLED") === false;
}

function judgeHealth(health: Health | undefined, down: App["down"]): Finding {
  const id = "app-health";
  if (down !== undefined) return fail(id, down.code, down.words, "running");
  if (health === undefined) return { id, status: "skip", observed: "not asked" };
  const { answer, words, status } = health;
  if (answer === "unreachable")
    return fail(id, "APP_UNREACHABLE", words.startsWith("no ") ? words : `no answer: ${words}`, "an answer");
  if (answer === "unhealthy") {
    const says = status === undefined ? "" : `, and the app says: ${status}`;
    return fail(id, "APP_UNREACHABLE", words + says, "an answer below 500");
  }
  if (answer !== "document")
    return { id, status: "skip", observed: `${words}: no health document to be read` };
  if (status !== undefined && UNWELL.test(status))
    return {
      id,
      status: "warn",
      code: "APP_UNREACHABLE",
      observed: `the app says: ${status}`,
      expected: "healthy",
    };
  return { id, status: "pass", observed: [status ?? words, ...figuresOf(health)].join(", ") };
}

function figuresOf({ cache }: Health): string[] {
  const { hitRate, memoryUsedBytes } = cache ?? {};
  return [
    ...(hitRate === undefined ? [] : [`${shareInWords(hitRate)} hits by its own count`]),
    ...(memoryUsedBytes === undefined ? [] : [`${memoryInWords(memoryUsedBytes)} used`]),
  ];
}

function judgeUse({ app, others }: AppSeen, { answer, words, cache }: Health): Finding {
  const id = "app-uses-cache";
  const no = (code: Code, observed: string) => fail(id, code, observed, "connected, from these settings");
  const undecided = (observed: string): Finding => ({ id, status: "skip", observed });
  // An app that is not well may say of its cache why.
  const isDocument = answer === "document" || answer === "unhealthy";
  if (!isDocument || cache === undefined) {
    const what = answer === "document" ? "its health document says nothing of a cache" : words;
    return undecided(`not known: ${what}${othersInWords(others)}`);
  }
  const why = cache.reason === undefined ? "" : `: ${cache.reason}`;
  if (
    cache.fingerprint !== undefined &&
    app.fingerprint !== undefined &&
    cache.fingerprint !== app.fingerprint
  )
    return no("APP_NOT_USING_CACHE", "the app answers from other settings than these");
  if (cache.enabled === false) return no("APP_CACHE_OFF", `the app says that its cache is off${why}`);
  if (cache.connected === false)
    return no("APP_NOT_USING_CACHE", `the app says that it is not connected${why}`);
  if (cache.connected === undefined && cache.enabled === undefined) {
    const what = "its health document does not say whether its cache is on";
    return undecided(`not known: ${what}${othersInWords(others)}`);
  }
  const unused = (cache.functions ?? []).filter(({ reason }) => reason !== undefined);
  if (unused.length > 0 && cache.roundTripMs !== undefined) {
    return {
      id,
      status: "warn",
      code: "CACHE_FAR",
      observed: `the cache is ${Math.round(cache.roundTripMs)} ms away, and the app does not use it for ${unused.map(({ namespace }) => namespace).join(", ")}`,
      expected: "a cache near the app",
    };
  }
  const says = cache.connected === true || cache.enabled === true;
  if (cache.fingerprint !== undefined && app.fingerprint !== undefined && says)
    return { id, status: "pass", observed: "the app is connected, and echoes these settings" };
  if (others?.connections === 0)
    return no("APP_NOT_USING_CACHE", "right after the app was asked, nobody but the check is on the cache");
  if (says && others !== undefined && others.active > 0)
    return { id, status: "pass", observed: `the app says that it is connected${othersInWords(others)}` };
  return undecided(`not known: the app does not echo its settings${othersInWords(others)}`);
}

function othersInWords(others: Others | undefined): string {
  if (others === undefined) return "";
  const { connections, active } = others;
  return `; ${counted(connections, "other connection")} on the cache, ${active} used just now`;
}

function fail(id: CheckId, code: Code, observed: string, expected: string): Finding {
  return { id, status: "fail", code, observed, expected };
}

const STATUSES: readonly Finding["status"][] = ["skip", "pass", "warn", "fail"];

/**
 * Several apps of one cache as one answer for each check: as bad as the worst, and differences by name.
 * @param byApp findings of `judgeApp`, with the app's name
 */
export function mergeApps(byApp: readonly { name: string; findings: readonly Finding[] }[]): Finding[] {
  if (byApp.length === 1) return [...(byApp[0]?.findings ?? [])];
  const all = byApp.flatMap(({ name, findings }) => findings.map((finding) => ({ name, finding })));
  return [...Map.groupBy(all, ({ finding }) => finding.id).values()].flatMap((rows) => {
    const worst = rows.toSorted(
      (a, b) => STATUSES.indexOf(b.finding.status) - STATUSES.indexOf(a.finding.status),
    )[0];
    if (worst === undefined) return [];
    const worstRows = rows.filter(({ finding }) => finding.status === worst.finding.status);
    const observed = worstRows.map(({ name, finding }) => `${name}: ${finding.observed ?? ""}`).join("; ");
    return [{ ...worst.finding, observed }];
  });
}
