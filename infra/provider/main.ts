/** The provider `propiq` as Pulumi's engine starts it: prints its port, serves, and ends with the engine. */
import { explainWithCode } from "../../base/errors.ts";
import { requireVerifiedTls } from "../../base/verified-tls.ts";
import { appSettings } from "./app-settings/app-settings.ts";
import { envFile } from "./env-file/env-file.ts";
import { localPassword } from "./local-password/local-password.ts";
import { localRedis } from "./local-redis/local-redis.ts";
import { anyType } from "./protocol/resource.ts";
import { serveProvider } from "./protocol/server.ts";
import { resourceGroup } from "./resource-group/resource-group.ts";
import { upstashPlan } from "./upstash-plan/upstash-plan.ts";
import { verifiedCache } from "./verified-cache/verified-cache.ts";

// The engine holds the other end of stdin. A killed engine cannot cancel, and what we would continue writing could no
// longer be recorded, so its end is ours, at once.
process.stdin.on("end", () => process.exit(1));
process.stdin.on("error", () => process.exit(1));
process.stdin.resume();

// The proof, Azure and Upstash are never asked over a connection that is not verified.
requireVerifiedTls();
const port = await serveProvider(
  {
    name: "propiq",
    version: "0.1.0",
    types: [
      anyType(localRedis),
      anyType(localPassword),
      anyType(envFile),
      anyType(verifiedCache),
      anyType(appSettings),
      anyType(upstashPlan),
      anyType(resourceGroup),
    ],
    explain: explainWithCode,
  },
  process.argv[2],
);
process.stdout.write(`${port}\n`);
