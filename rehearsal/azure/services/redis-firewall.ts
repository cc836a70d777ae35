/** `Microsoft.Cache/redis/firewallRules`: without any, everyone gets through. */

import type { ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { Route } from "../service.ts";
import type { FirewallRule } from "./reachable.ts";
import { type Cache, type Caches, TYPE } from "./redis-state.ts";

/** @param path of a cache */
export function firewallRoutes(caches: Caches, path: string): Omit<Route, "apiVersions">[] {
  const pattern = `${path}/firewallRules/:rule`;
  return [
    {
      method: "GET",
      pattern: `${path}/firewallRules`,
      handle(request) {
        const cache = caches.find(request);
        return {
          status: 200,
          body: { value: [...cache.rules].map(([name, rule]) => show(cache, name, rule)) },
        };
      },
    },
    {
      method: "GET",
      pattern,
      handle(request) {
        const cache = caches.find(request);
        const { name, rule } = ruleOf(cache, request);
        if (rule === undefined) throw refusals.notFound(`${TYPE}/firewallRules`, name, cache.resourceGroup);
        return { status: 200, body: show(cache, name, rule) };
      },
    },
    {
      method: "PUT",
      pattern,
      schema: "redis.firewallRule.put",
      async handle(request) {
        const cache = caches.idle(request);
        const { name, rule: before } = ruleOf(cache, request);
        const { properties } = request.body as { properties: FirewallRule };
        cache.rules.set(name, properties);
        await caches.admit(cache);
        return { status: before === undefined ? 201 : 200, body: show(cache, name, properties) };
      },
    },
    {
      method: "DELETE",
      pattern,
      async handle(request) {
        const cache = caches.idle(request);
        const { name, rule } = ruleOf(cache, request);
        cache.rules.delete(name);
        await caches.admit(cache);
        return { status: rule === undefined ? 204 : 200 };
      },
    },
  ];
}

function ruleOf({ rules }: Cache, { params }: ArmRequest): { name: string; rule: FirewallRule | undefined } {
  const name = params["rule"] ?? "";
  return { name, rule: rules.get(name) };
}

const show = (cache: Cache, name: string, properties: FirewallRule) => ({
  id: `${cache.id}/firewallRules/${name}`,
  name: `${cache.name}/${name}`,
  type: `${TYPE}/firewallRules`,
  properties,
});
