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

const { PORT = "8080", HOST = "0.0.0.0" } = process.env;
console.log(`Listening on ${await app.listen({ port: Number(PORT), host: HOST })}`);
