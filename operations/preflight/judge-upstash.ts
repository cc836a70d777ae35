/** What Upstash's answers mean for the stack. Pure. */
import { type Advice, advice } from "../../base/advice.ts";
import { removeConfig, setConfig } from "../../base/command.ts";
import { CATALOGUE, isIn } from "../../infra/plans/catalogue.ts";
import { isNameOfSomeStack } from "../../infra/plans/names.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import type { UpstashDatabase } from "../../infra/upstash/database.ts";
import { type Asked, type Finding, isAnswer, unasked } from "./finding.ts";

export interface UpstashFacts {
  email: string;
  /** What the stack's database is called. */
  name: string;
  databases: Asked<readonly UpstashDatabase[]>;
}

export function judgeUpstash({ email, name, databases }: UpstashFacts, settings: Settings): Finding[] {
  if (!isAnswer(databases)) return [unasked("upstash", databases)];
  const { stack, upstash, plan, standby, drainSeconds } = settings;
  const signedIn: Finding = { id: "upstash", status: "pass", words: `signed in to Upstash: ${email}` };
  const wanted = [plan, ...standby].find((each) => isIn("upstash", each));
  const all = databases.value;
  const adopted = upstash?.adopt;
  const own = all.find((database) =>
    adopted === undefined ? database.name === name : database.id === adopted,
  );
  if (wanted === undefined) {
    if (own === undefined || adopted !== undefined) return [];
    return [
      {
        id: "change",
        status: "note",
        words: `The Upstash database ${name} and its content are deleted ${drainSeconds} s after the app was seen on the other cache. If anything fails before, it stays.`,
        advice: advice(
          "To keep it beside the new one:",
          setConfig(stack, `standby[${standby.length}]`, "upstash-free"),
        ),
      },
    ];
  }
  const chosen = upstash?.primaryRegion;
  const primaryRegion = chosen ?? "in the region nearest to the app";
  const moves = chosen !== undefined && own?.primaryRegion !== undefined && own.primaryRegion !== chosen;
  if (own !== undefined && (adopted !== undefined || !moves)) {
    const words =
      adopted === undefined
        ? `database ${name} already exists and belongs to this stack`
        : `database ${own.name} exists and is adopted: read and wired, never changed, never deleted`;
    return [signedIn, { id: "name", status: "pass", words }];
  }
  if (adopted !== undefined) {
    return [
      signedIn,
      {
        id: "name",
        status: "fail",
        words: `The account has no database ${adopted} to adopt.`,
        advice: advice(
          `Its databases: ${all.map(({ id, name: called }) => `${called} (${id})`).join(", ") || "none"}. To let the stack make one, remove the key.`,
          removeConfig(stack, "upstash.adopt"),
        ),
      },
    ];
  }
  const free = all.find((database) => database.plan === "free");
  if (wanted === "upstash-free" && free !== undefined) {
    return [
      signedIn,
      {
        id: "upstash",
        status: "fail",
        words: `The account's one free database is taken: ${free.name}.`,
        advice: besideFree(free, stack),
      },
    ];
  }
  return [
    signedIn,
    {
      id: "name",
      status: "pass",
      words: moves ? `${name}: a new one, in ${primaryRegion}` : `${name}: does not exist yet`,
    },
    {
      id: "change",
      status: "note",
      words: `A new database, ${name} (${CATALOGUE[wanted].title}, ${primaryRegion}), in seconds. It starts empty, so the app is slower until it has filled.${moves ? ` The one in ${own?.primaryRegion} is deleted when the app was seen on the new one.` : ""}`,
    },
  ];
}

/** A database that a stack made must not be adopted: its state would delete it. */
function besideFree({ id, name, primaryRegion }: UpstashDatabase, stack: string): Advice {
  const isMade = isNameOfSomeStack(name);
  const where = primaryRegion === undefined ? "" : ` in ${primaryRegion}`;
  return advice(
    isMade
      ? `A stack made it${where}. With another name or region this stack needs a second one: pay by use, at most $5 a month.`
      : "Adopt it. Or pay by use, at most $5 a month.",
    ...(isMade ? [] : [setConfig(stack, "upstash.adopt", id)]),
    setConfig(stack, "plan", "upstash-payg"),
    setConfig(stack, "upstash.budget", "5"),
  );
}
