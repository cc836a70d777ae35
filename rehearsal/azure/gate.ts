/** What ARM checks of every request before a resource provider hears of it, in ARM's order. */

import { ArmRefusal, type ArmReply, type ArmRequest } from "./message.ts";
import { actionOf, allows, type Permission, ROLES, scopeOf } from "./permissions.ts";
import { refusals } from "./refusals.ts";
import { type Match, match } from "./router.ts";
import { checkBody } from "./schemas.ts";
import type { RawRequest } from "./server.ts";
import type { ArmKernel, ArmService, Route } from "./service.ts";

interface Caller {
  clientId: string;
  objectId: string;
}

export class Gate {
  readonly #kernel: ArmKernel;
  readonly #routes: Route[];

  constructor(kernel: ArmKernel, services: readonly ArmService[]) {
    this.#kernel = kernel;
    this.#routes = services.flatMap(({ routes }) => routes);
  }

  /** @throws ArmRefusal where the body is not JSON */
  request({ method, url, headers, text }: RawRequest, principal: string): ArmRequest {
    return {
      method,
      path: url.pathname,
      params: {},
      query: url.searchParams,
      apiVersion: url.searchParams.get("api-version") ?? "",
      body: text === "" ? undefined : parse(text),
      headers,
      principal,
    };
  }

  /**
   * @throws ArmRefusal as ARM would refuse
   * @throws Error where no service of the emulator knows the request
   */
  async pass(request: ArmRequest, caller: Caller): Promise<ArmReply> {
    this.#checkSubscription(request.path);
    const found = this.#find(request);
    request.params = found.params;
    checkApiVersion(request, found.route);
    this.#authorize(request, found.route, caller);
    this.#checkGroup(found);
    this.#checkRegistration(request);
    this.#checkPolicies(request);
    if (found.route.schema !== undefined) await checkBody(found.route.schema, request.body);
    return await found.route.handle(request);
  }

  #checkSubscription(path: string): void {
    const subscription = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1];
    if (subscription === undefined || subscription.toLowerCase() === this.#kernel.subscriptionId) return;
    throw refusals.subscriptionNotFound(subscription);
  }

  #find({ method, path }: ArmRequest): Match {
    const found = match(this.#routes, method, path);
    if (found !== undefined) return found;
    throw new Error(`the emulator does not know ${method} ${path}`);
  }

  #authorize({ method, path }: ArmRequest, { open = false }: Route, caller: Caller): void {
    const action = actionOf(method, path);
    if (open || allows(permissionOf(this.#kernel), action)) return;
    throw refusals.unauthorized(caller.clientId, caller.objectId, action, scopeOf(method, path));
  }

  #checkGroup({ route, params }: Match): void {
    const name = params["resourceGroup"];
    if (name === undefined || !/\/providers\//i.test(route.pattern)) return;
    const { resources, subscriptionId } = this.#kernel;
    const group = resources.get(`/subscriptions/${subscriptionId}/resourceGroups/${name}`);
    if (group === undefined) throw refusals.groupNotFound(name);
  }

  /** Only of what changes something: whether reads are refused too could not be confirmed. */
  #checkRegistration({ method, path }: ArmRequest): void {
    const namespace = namespaceOf(path);
    if (method === "GET" || namespace === undefined || path.toLowerCase().endsWith("/register")) return;
    const unregistered = this.#kernel.conditions.unregistered.find(
      (name) => name.toLowerCase() === namespace.toLowerCase(),
    );
    if (unregistered !== undefined) throw refusals.unregistered(unregistered);
  }

  #checkPolicies({ method, path }: ArmRequest): void {
    if (method !== "PUT") return;
    const [type = "", name = ""] = /\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i.exec(path)?.slice(1) ?? [];
    for (const [denied, policy] of Object.entries(this.#kernel.conditions.denied)) {
      if (denied.toLowerCase() === type.toLowerCase()) throw refusals.disallowedByPolicy(name, policy);
    }
  }
}

export function permissionOf({ conditions: { role } }: ArmKernel): Permission {
  return typeof role === "string" ? ROLES[role] : role;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ArmRefusal(
      400,
      "InvalidRequestContent",
      "The request content was invalid and could not be deserialized.",
    );
  }
}

function checkApiVersion({ apiVersion, path }: ArmRequest, { apiVersions }: Route): void {
  if (apiVersion === "") throw refusals.missingApiVersion();
  if (apiVersions.includes(apiVersion)) return;
  throw refusals.unknownApiVersion(apiVersion, path.split("/").slice(-2, -1).join("/"), apiVersions);
}

const namespaceOf = (path: string): string | undefined => /\/providers\/([^/]+)\//i.exec(path)?.[1];
