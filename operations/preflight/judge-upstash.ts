/** What Upstash's answers mean for the stack. Pure. */
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
  const config = "./propiq-cache pulumi config";
  if (wanted === undefined) {
    if (own === undefined || adopted !== undefined) return [];
    return [
      {
        id: "change",
        status: "note",
        words: `The Upstash database ${name}, with what is in it, goes ${drainSeconds} s after the app was seen on the other cache; if anything fails before, it stays.`,
        hint: `To keep it beside the new one: ${config} set --path 'standby[${standby.length}]' upstash-free --stack ${stack}`,
      },
    ];
  }
  const chosen = upstash?.primaryRegion;
  const primaryRegion = chosen ?? "in the region nearest to the app";
  const moves = chosen !== undefined && own?.primaryRegion !== undefined && own.primaryRegion !== chosen;
  if (own !== undefined && (adopted !== undefined || !moves)) {
    const words =
      adopted === undefined
        ? `database ${name} is there already, and this stack's`
        : `database ${own.name} is there and adopted: read and wired, never changed, never deleted`;
    return [signedIn, { id: "name", status: "pass", words }];
  }
  if (adopted !== undefined) {
    return [
      signedIn,
      {
        id: "name",
        status: "fail",
        words: `The account has no database ${adopted} to adopt.`,
        hint: `Its databases: ${all.map(({ id, name: called }) => `${called} (${id})`).join(", ") || "none"}\nMake one of our own: ${config} rm --path upstash.adopt --stack ${stack}`,
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
        hint: `${waysBesideFree(free, `${config} set --path upstash.adopt ${free.id} --stack ${stack}`)}\nor pay by use, at most $5 a month: ${config} set plan upstash-payg --stack ${stack} && ${config} set --path upstash.budget 5 --stack ${stack}`,
      },
    ];
  }
  return [
    signedIn,
    {
      id: "name",
      status: "pass",
      words: moves ? `${name}: another one, in ${primaryRegion}` : `${name}: not there yet`,
    },
    {
      id: "change",
      status: "note",
      words: `A new database, ${name} (${CATALOGUE[wanted].title}, ${primaryRegion}), in seconds. It starts empty, so the app is slower until it has filled.${moves ? ` The one in ${own?.primaryRegion} goes when the app was seen on it.` : ""}`,
    },
  ];
}

/** One that a stack made is not to be adopted: its state would delete it. */
function waysBesideFree({ name, primaryRegion }: UpstashDatabase, adopt: string): string {
  if (!isNameOfSomeStack(name)) return `Adopt it: ${adopt}`;
  return `A stack made it${primaryRegion === undefined ? "" : `, in ${primaryRegion}`}: with another name or region this one needs a second.`;
}
