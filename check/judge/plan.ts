import type { Finding } from "../finding.ts";
import type { Info } from "../info.ts";
import type { Subject } from "../subject.ts";
import { memoryInWords } from "../words.ts";

const MB = 1024 * 1024;
/** A server's own limit is not the plan's to the byte; half or double is another size. */
const OTHER_SIZE = 2;

/** Is what runs what the stack says? Not judged where nobody says, or the server's own limit reports nothing. */
export function judgePlan(subject: Subject, { maxBytes }: Info): Finding[] {
  const { plan, configuredPlan, provider, memoryLimitMb } = subject;
  const id = "plan";
  if (plan === undefined) return [];
  if (configuredPlan !== undefined && configuredPlan !== plan) {
    const observed = `${plan} runs, and the config says ${configuredPlan}: it was not deployed`;
    return [{ id, status: "warn", code: "PLAN_DIFFERS", observed, expected: configuredPlan }];
  }
  // Only Azure Cache for Redis sets `maxmemory` by its plan: Upstash's is that of its machine, Managed Redis has none.
  if (provider === "azure" && memoryLimitMb !== undefined && maxBytes !== undefined && maxBytes > 0) {
    const limit = memoryLimitMb * MB;
    const expected = `${memoryInWords(limit)} of ${plan}`;
    const observed = `the server's limit is ${memoryInWords(maxBytes)}`;
    const differs = maxBytes >= limit * OTHER_SIZE || maxBytes <= limit / OTHER_SIZE;
    return [
      differs
        ? { id, status: "warn", code: "PLAN_DIFFERS", observed, expected }
        : { id, status: "pass", observed: plan, expected },
    ];
  }
  return configuredPlan === undefined ? [] : [{ id, status: "pass", observed: plan }];
}
