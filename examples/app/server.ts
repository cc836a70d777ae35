/** Runs the app on PORT (8080) until SIGTERM: then no new requests, those under way are answered, and it ends. */
import { makeApp } from "./app.ts";
import { openCache } from "./cache/cache.ts";
import { Database } from "./database.ts";

const cache = openCache(process.env);
const app = makeApp(new Database(), cache);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await app.close();
    cache.close();
  });
}

// On this machine only, unless HOST says otherwise: 0.0.0.0 in a container or on an App Service.
const { PORT = "8080", HOST = "127.0.0.1" } = process.env;
console.log(`Listening on ${await app.listen({ port: Number(PORT), host: HOST })}`);
