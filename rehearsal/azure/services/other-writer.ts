/** Another pipeline that writes to the same app: reads all settings, changes one of its own, and writes all of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { askHttps } from "../app-runner-ask.ts";
import type { Azure } from "../emulator.ts";
import type { SiteSlot } from "./web-site.ts";

export const OTHER_WRITER = "other-writer/1.0";

export interface OtherWriterOptions {
  /** Milliseconds from the end of one write to the next reading. */
  everyMs?: number;
  /** Names that it changes, one after the other: all that the app has at the start where absent. */
  keys?: readonly string[];
}

export interface OtherWriter {
  /** What it wrote last, by key: only writes that Azure has confirmed. */
  readonly written: ReadonlyMap<string, string>;
  /** How many writes there were. */
  readonly count: number;
  /** Ends after the write that is under way. @throws what Azure refused */
  stop(): Promise<void>;
}

export async function startOtherWriter(
  azure: Pick<Azure, "origin" | "tenantId" | "env" | "authority">,
  site: SiteSlot,
  { everyMs = 50, keys = Object.keys(site.settings()) }: OtherWriterOptions = {},
): Promise<OtherWriter> {
  const token = await signIn(azure);
  const written = new Map<string, string>();
  let count = 0;
  let running = true;
  const ask = async (method: string, path: string, body?: unknown) => {
    const reply = await askHttps(`${azure.origin}${site.id}/config/${path}?api-version=2025-05-01`, {
      ca: azure.authority.certificate,
      method,
      headers: { authorization: `Bearer ${token}`, "user-agent": OTHER_WRITER },
      ...(body === undefined ? {} : { body }),
    });
    if (reply.status !== 200) throw new Error(`the other writer was answered ${reply.status}: ${reply.body}`);
    return JSON.parse(reply.body) as { properties: Record<string, string> };
  };
  const work = (async () => {
    while (running) {
      const key = keys[count % keys.length] ?? "OTHER_WRITER";
      const value = `of the other writer, ${count}`;
      const { properties } = await ask("POST", "appsettings/list");
      await ask("PUT", "appsettings", { properties: { ...properties, [key]: value } });
      written.set(key, value);
      count += 1;
      await sleep(everyMs);
    }
  })();
  // Reported by `stop`, which a test always calls.
  work.catch(() => {});
  return {
    written,
    get count() {
      return count;
    },
    async stop() {
      running = false;
      await work;
    },
  };
}

async function signIn({
  origin,
  tenantId,
  env,
  authority,
}: Pick<Azure, "origin" | "tenantId" | "env" | "authority">): Promise<string> {
  const { ARM_CLIENT_ID: client_id = "", ARM_CLIENT_SECRET: client_secret = "" } = env;
  const form = { client_id, client_secret, grant_type: "client_credentials", scope: `${origin}/.default` };
  const reply = await askHttps(`${origin}/${tenantId}/oauth2/v2.0/token`, {
    ca: authority.certificate,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form),
  });
  const { access_token: token } = JSON.parse(reply.body) as { access_token?: string };
  if (token === undefined) throw new Error(`the other writer could not sign in: ${reply.body}`);
  return token;
}
