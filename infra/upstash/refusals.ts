/**
 * What Upstash refuses, in words for people. Pure. The texts are those of Pulumi's provider, `create database failed,
 * status code: 400 response: "…"` (upstash/terraform-provider-upstash, client.go), and of our own client, `… (status
 * 400)`. Of the responses only one is public word for word ("regional db creation is deprecated"): the others are
 * recognised by their status (docs, devops/developer-api/http_status_codes) and the word they can hardly do without.
 */
import { CATALOGUE, monthlyUsd } from "../plans/catalogue.ts";
import { firstRefusal, type Refusal, type Row } from "../refusals.ts";

export interface UpstashContext {
  stack: string;
  /** The database's name. */
  name: string;
  /** Of it, or of another resource of its stack. */
  urn?: string;
}

export type UpstashRefusalCode = (typeof ROWS)[number]["code"];

const CONSOLE = "https://console.upstash.com";
const PASS_CREDENTIALS =
  "export UPSTASH_EMAIL=you@example.com\nread -rs UPSTASH_API_KEY && export UPSTASH_API_KEY";

/** First match wins: words before bare statuses. */
const ROWS = [
  {
    code: "CREDENTIALS_MISSING",
    // In a refresh, which runs no program, the engine shows only the bridge's own words ("required configuration keys").
    when: /Missing required configuration variable|required configuration keys were missing|No credentials for Upstash|UPSTASH_(?:EMAIL|API_KEY)\b[^\n]{0,60}not set/i,
    explain: ({ up }) => ({
      happened: "Nobody is signed in to Upstash here: e-mail and management API key are not set.",
      hint: `Make a key in the Upstash console (Account > Management API), then in this shell, or as secrets of the pipeline:\n${PASS_CREDENTIALS}\nThen: ${up}`,
    }),
  },
  {
    code: "FREE_TAKEN",
    when: /free[^\n]{0,80}(?:limit|already|exceed|one |only)|(?:limit|already|exceed|only one)[^\n]{0,60}free/i,
    explain: ({ name, set, up }) => ({
      happened: `The account already has its one free database, so ${name} was not made.`,
      hint: `Adopt that one where somebody made it by hand: ${set("--path upstash.adopt DATABASE_ID")} (the id stands in the console: ${CONSOLE})\nor pay by use, with a cap of $5 a month: ${set("plan upstash-payg")} && ${set("--path upstash.budget 5")}\nor a fixed price, $${monthlyUsd("upstash-fixed-250mb")} a month: ${set("plan upstash-fixed-250mb")}\nThen: ${up}`,
    }),
  },
  {
    code: "REGIONAL_DEPRECATED",
    when: /regional db creation is deprecated/i,
    explain: ({ set, up }) => ({
      happened:
        "Upstash makes no regional databases any more, only global ones with a primary region. Nothing was made.",
      hint: `Name one of its regions, near the app: ${set("--path upstash.primaryRegion us-east-1")}\nThen: ${up}`,
    }),
  },
  {
    code: "NO_PAYMENT_METHOD",
    when: /payment method|credit card|billing/i,
    explain: ({ set, up }) => ({
      happened: "The plan costs money, and the account has no way to pay. Nothing was changed.",
      hint: `Add a card in the console (Account > Billing, ${CONSOLE}), then: ${up}\nor stay on what is free: ${set("plan upstash-free")}`,
    }),
  },
  {
    code: "LOWER_PLAN",
    when: /lower plan|downgrade/i,
    explain: ({ set }) => ({
      happened:
        "Upstash does not move a database to a lower plan by itself. It stays as it is, with its data.",
      hint: `Ask Upstash's support (support@upstash.com)\nor make one of that plan in the console (${CONSOLE}) and adopt it: ${set("--path upstash.adopt DATABASE_ID")}`,
    }),
  },
  {
    code: "TOO_MUCH_DATA",
    when: /size exceeds|too much data|exceeds the limit of the plan/i,
    explain: ({ name, set, up }) => ({
      happened: `${name} holds more data than the plan does. It stays as it is.`,
      hint: `What takes the room: ./propiq-cache advise --help\nor a bigger plan (${CATALOGUE["upstash-fixed-1gb"].title}, $${monthlyUsd("upstash-fixed-1gb")} a month): ${set("plan upstash-fixed-1gb")}\nThen: ${up}`,
    }),
  },
  {
    code: "WRONG_KEY",
    when: /status(?: code:?)? 401\b|\bunauthorized\b/i,
    explain: ({ up }) => ({
      happened: "Upstash does not know this e-mail and API key together. Nothing was changed.",
      hint: `It must be a management API key of that very account (console: Account > Management API), not a database's token:\n${PASS_CREDENTIALS}\nThen: ${up}`,
    }),
  },
  {
    code: "READ_ONLY_KEY",
    when: /read-?only|status(?: code:?)? 403\b/i,
    explain: ({ up }) => ({
      happened: "This API key of Upstash may not change anything.",
      hint: `Make one that may, in the console (Account > Management API):\n${PASS_CREDENTIALS}\nThen: ${up}`,
    }),
  },
  {
    code: "GONE",
    // The provider does not know 404: a database that was deleted in the console breaks refresh and delete.
    when: /status(?: code:?)? 404\b|database not found/i,
    explain: ({ stack, name, urn = "", up }) => ({
      happened: `The database ${name} is not there any more: somebody has deleted it in the console.`,
      hint: `Take it out of the state, and have a new, empty one made:\n${forgetDatabase(urn, stack)}\n${up}`,
    }),
  },
  {
    code: "BUSY",
    when: /status(?: code:?)? (?:429|5\d\d)\b/i,
    explain: ({ up }) => ({
      happened: "Upstash is too busy, or has troubles of its own (status.upstash.com).",
      hint: `Wait a minute, then: ${up}`,
    }),
  },
] as const satisfies readonly Row<UpstashContext>[];

/**
 * The command that takes a database out of the state which is gone at Upstash, with what depends on it there: the next
 * update makes that again, and the app itself keeps its earlier settings.
 * @param urn of any resource of the stack
 */
export function forgetDatabase(urn: string, stack: string, dependents = true): string {
  const [inStack = `urn:pulumi:${stack}`, project = "propiq-cache"] = urn === "" ? [] : urn.split("::");
  const database = `${inStack}::${project}::propiq:cache:Upstash$upstash:index/redisDatabase:RedisDatabase::upstash`;
  return `./propiq-cache pulumi state delete '${database}'${dependents ? " --target-dependents" : ""} --stack ${stack}`;
}

/** @param text as it came @returns nothing for what is not known here */
export function explainRefusal(
  text: string,
  context: UpstashContext,
): Refusal<UpstashRefusalCode> | undefined {
  return firstRefusal<UpstashContext, UpstashRefusalCode>(ROWS, text, context);
}
