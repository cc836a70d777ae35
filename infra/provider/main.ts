/** The provider `propiq` as Pulumi's engine starts it: prints its port, serves, and ends with the engine. */
import { explainWithCode } from "../../base/errors.ts";
import { requireVerifiedTls } from "../../base/verified-tls.ts";
import { serveProvider } from "./protocol/server.ts";
import { RESOURCE_TYPES } from "./types.ts";

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
    types: RESOURCE_TYPES,
    explain: explainWithCode,
  },
  process.argv[2],
);
process.stdout.write(`${port}\n`);
