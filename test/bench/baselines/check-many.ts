/** Checks as many caches as there are URLs, all at once, as `verify` does with several stacks. */
import { checkCache } from "../../../check/check.ts";
import { parseRedisUrl } from "../../../infra/contract/redis-url.ts";

const urls = process.argv.slice(2);
const reports = await Promise.all(
  urls.map((url) => checkCache({ enabled: true, target: parseRedisUrl(url) })),
);
if (reports.some(({ verdict }) => verdict === "failed")) process.exitCode = 1;
