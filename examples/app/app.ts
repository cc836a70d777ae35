/** The app: three slow answers that are cached, two writes that make them old, and its health. */
import Fastify, { type FastifyInstance } from "fastify";
import type { Cache } from "./cache/cache.ts";
import type { Database } from "./database.ts";

interface User {
  Params: { id: string };
}
const TEXT = { type: "string", minLength: 1, maxLength: 200 } as const;
const USER = { params: { type: "object", properties: { id: TEXT } } } as const;
const bodyWith = (name: string) =>
  ({ type: "object", required: [name], properties: { [name]: TEXT }, additionalProperties: false }) as const;

export function makeApp(database: Database, cache: Cache): FastifyInstance {
  const app = Fastify({ logger: false });
  const profile = cache.cached((id: string) => database.profile(id), {
    namespace: "user:profile",
    ttl: "medium",
  });
  const analyses = cache.cached((id: string) => database.analyses(id), {
    namespace: "user:analyses",
    ttl: "short",
  });
  const dashboard = cache.cached((id: string) => database.dashboard(id), {
    namespace: "user:dashboard",
    ttl: "medium",
  });

  app.get<User>("/users/:id/profile", { schema: USER }, ({ params }) => profile(params.id));
  app.get<User>("/users/:id/analyses", { schema: USER }, ({ params }) => analyses(params.id));
  app.get<User>("/users/:id/dashboard", { schema: USER }, ({ params }) => dashboard(params.id));

  app.put<User & { Body: { name: string } }>(
    "/users/:id/profile",
    { schema: { ...USER, body: bodyWith("name") } },
    async ({ params: { id }, body }) => {
      const changed = await database.rename(id, body.name);
      await Promise.all([profile.invalidate(id), dashboard.invalidate(id)]);
      return changed;
    },
  );
  app.post<User & { Body: { address: string } }>(
    "/users/:id/analyses",
    { schema: { ...USER, body: bodyWith("address") } },
    async ({ params: { id }, body }, reply) => {
      const made = await database.analyse(id, body.address);
      await Promise.all([analyses.invalidate(id), dashboard.invalidate(id)]);
      return reply.code(201).send(made);
    },
  );
  /**
   * All of a user's values: for support, when something looks old. This example has no sign-in: in an app of your own
   * put this route, and the others, behind one.
   */
  app.delete<User>("/users/:id/cache", { schema: USER }, async ({ params: { id } }, reply) => {
    await Promise.all([profile, analyses, dashboard].map((each) => each.invalidate(id)));
    return reply.code(204).send();
  });

  // Who is answered while it ends must not keep his connection, for which the end would wait.
  let ending = false;
  app.addHook("preClose", async () => {
    ending = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    if (ending) reply.header("connection", "close");
  });

  // The first who ask should not have to wait either.
  app.addHook("onListen", async () => {
    void cache.warm(database.mostActive().map((id) => () => dashboard(id)));
  });

  // Healthy without a cache too: it is only slower, and a restart would fix nothing.
  app.get("/health", async () => ({
    status: "healthy",
    cache: await cache.health(),
    database: { calls: database.calls },
  }));
  return app;
}
