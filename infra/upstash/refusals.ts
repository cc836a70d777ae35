/**
 * What Upstash refuses: what happened, and what to do. Pure. The texts are those of Pulumi's provider, `create database failed,
 * status code: 400 response: "…"` (upstash/terraform-provider-upstash, client.go), and of our own client, `… (status
 * 400)`. Of the responses only one is public word for word ("regional db creation is deprecated"): the others are
 * recognised by their status (docs, devops/developer-api/http_status_codes) and the word they can hardly do without.
 */
import { advice } from "../../base/advice.ts";
import { type Command, onStack, program, pulumi } from "../../base/command.ts";
import { CATALOGUE, monthlyUsd } from "../plans/catalogue.ts";
import { urnParts } from "../plans/urn.ts";
import { firstRefusal, type Refusal, type Row } from "../refusals/refusal.ts";

export interface UpstashContext {
  stack: string;
  /** The database's name. */
  name: string;
  /** Of it, or of another resource of its stack. */
  urn?: string;
}

export type UpstashRefusalCode = (typeof ROWS)[number]["code"];

const CONSOLE = "https://console.upstash.com";
/** A shell's own words, in which nothing is quoted. */
const PASS_CREDENTIALS = [
  program("export", "UPSTASH_EMAIL=you@example.com"),
  program("read", "-rs", "UPSTASH_API_KEY"),
  program("export", "UPSTASH_API_KEY"),
];
const BUDGET_USD = 5;

/** First match wins: words before bare statuses. */
const ROWS = [
  {
    code: "CREDENTIALS_MISSING",
    // In a refresh, which runs no program, the engine shows only the bridge's own words ("required configuration keys").
    when: /Missing required configuration variable|required configuration keys were missing|No credentials for Upstash|UPSTASH_(?:EMAIL|API_KEY)\b[^\n]{0,60}not set/i,
    explain: ({ up }) => ({
      happened: "UPSTASH_EMAIL and UPSTASH_API_KEY are not set, so nobody is signed in to Upstash.",
      next: advice(
        "Make a key in the Upstash console (Account > Management API). Set it in this shell, or as secrets of the pipeline.",
        ...PASS_CREDENTIALS,
        up,
      ),
    }),
  },
  {
    code: "FREE_TAKEN",
    when: /free[^\n]{0,80}(?:limit|already|exceed|one |only)|(?:limit|already|exceed|only one)[^\n]{0,60}free/i,
    explain: ({ name, set, up }) => ({
      happened: `The account already has its one free database, so ${name} was not made.`,
      next: advice(
        `Choose one: pay by use with a budget of $${BUDGET_USD} a month (the commands below), a fixed price (plan upstash-fixed-250mb, $${monthlyUsd("upstash-fixed-250mb")} a month), or upstash.adopt with the id of the existing database (${CONSOLE}).`,
        set("plan", "upstash-payg"),
        set("upstash.budget", String(BUDGET_USD)),
        up,
      ),
    }),
  },
  {
    code: "REGIONAL_DEPRECATED",
    when: /regional db creation is deprecated/i,
    explain: ({ set, up }) => ({
      happened: "Upstash only makes global databases, with a primary region. Nothing was made.",
      next: advice("Choose a region near the app.", set("upstash.primaryRegion", "us-east-1"), up),
    }),
  },
  {
    code: "NO_PAYMENT_METHOD",
    when: /payment method|credit card|billing/i,
    explain: ({ set, up }) => ({
      happened: "The plan costs money, and the account has no payment method. Nothing was changed.",
      next: advice(
        `Add a card in the console (Account > Billing, ${CONSOLE}) and update again. Or stay on the free plan.`,
        set("plan", "upstash-free"),
        up,
      ),
    }),
  },
  {
    code: "LOWER_PLAN",
    when: /lower plan|downgrade/i,
    explain: ({ set }) => ({
      happened: "Upstash does not move a database to a lower plan. It was not changed and keeps its data.",
      next: advice(
        `Ask Upstash's support (support@upstash.com). Or make a database of that plan in the console (${CONSOLE}) and adopt it.`,
        set("upstash.adopt", "DATABASE_ID"),
      ),
    }),
  },
  {
    code: "TOO_MUCH_DATA",
    when: /size exceeds|too much data|exceeds the limit of the plan/i,
    explain: ({ stack, name, set, up }) => ({
      happened: `${name} holds more data than the plan allows. It was not changed.`,
      next: advice(
        `See what uses the memory. Or choose a larger plan (${CATALOGUE["upstash-fixed-1gb"].title}, $${monthlyUsd("upstash-fixed-1gb")} a month).`,
        onStack(stack, "advise"),
        set("plan", "upstash-fixed-1gb"),
        up,
      ),
    }),
  },
  {
    code: "WRONG_KEY",
    when: /status(?: code:?)? 401\b|\bunauthorized\b/i,
    explain: ({ up }) => ({
      happened: "Upstash refuses this e-mail and API key. Nothing was changed.",
      next: advice(
        "Use a management API key of that account (console: Account > Management API), not the token of a database.",
        ...PASS_CREDENTIALS,
        up,
      ),
    }),
  },
  {
    code: "READ_ONLY_KEY",
    when: /read-?only|status(?: code:?)? 403\b/i,
    explain: ({ up }) => ({
      happened: "This API key of Upstash may not change anything.",
      next: advice(
        "Make a key that may, in the console (Account > Management API).",
        ...PASS_CREDENTIALS,
        up,
      ),
    }),
  },
  {
    code: "GONE",
    // The provider does not know 404: a database that was deleted in the console breaks refresh and delete.
    when: /status(?: code:?)? 404\b|database not found/i,
    explain: ({ stack, name, urn = "", up }) => ({
      happened: `The database ${name} does not exist: it was deleted in the console.`,
      next: advice(
        "Remove it from the state. The next update makes a new, empty database.",
        forgetDatabaseCommand(urn, stack),
        up,
      ),
    }),
  },
  {
    code: "BUSY",
    when: /status(?: code:?)? (?:429|5\d\d)\b/i,
    explain: ({ up }) => ({
      happened: "Upstash is busy, or has a fault of its own (status.upstash.com).",
      next: advice("Wait a minute, and update again.", up),
    }),
  },
] as const satisfies readonly Row<UpstashContext>[];

/**
 * The command that removes a database which does not exist any more from the state, with what depends on it there. The
 * next update makes that again, and the app itself keeps its earlier settings.
 * @param urn of any resource of the stack
 */
export function forgetDatabaseCommand(urn: string, stack: string, dependents = true): Command {
  const parts = urnParts(urn);
  const inStack = `urn:pulumi:${parts.stack || stack}::${parts.project || "propiq-cache"}`;
  const database = `${inStack}::propiq:cache:Upstash$upstash:index/redisDatabase:RedisDatabase::upstash`;
  return pulumi(stack, "state", "delete", database, ...(dependents ? ["--target-dependents"] : []));
}

/** @param text as it came @returns undefined for what is not known here */
export function explainRefusal(
  text: string,
  context: UpstashContext,
): Refusal<UpstashRefusalCode> | undefined {
  return firstRefusal<UpstashContext, UpstashRefusalCode>(ROWS, text, context);
}
