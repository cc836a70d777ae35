/** Identities and their rights: Entra ID's and Azure's own, as far as a set-up by hand meets them. */
import { randomUUID } from "node:crypto";
import { type Answers, type Ask, AzError } from "./answers.ts";

interface App {
  appId: string;
  id: string;
  displayName: string;
  servicePrincipal: boolean;
  credentials: { name: string; subject: string; issuer: string; audiences: string[] }[];
}
export interface Grant {
  id: string;
  /** By name where it is an app of the directory. */
  principal: string;
  role: string;
  scope: string;
}
export interface Directory {
  answers: Answers;
  /** The identity that is signed in. */
  personId: string;
  grants: readonly Grant[];
  /** Whether the identity that is signed in may do there what a role lets one do. */
  may(role: RegExp, scope: string): boolean;
}

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const BUILT_IN_ROLES = [
  "Contributor",
  "Key Vault Crypto Officer",
  "Key Vault Crypto User",
  "Key Vault Secrets User",
  "Monitoring Contributor",
  "Monitoring Reader",
  "Owner",
  "Reader",
  "Redis Cache Contributor",
  "Storage Blob Data Contributor",
  "Storage Blob Data Owner",
  "Storage Blob Data Reader",
  "Website Contributor",
];

export function directoryAnswers(): Directory {
  const apps: App[] = [];
  const grants: Grant[] = [];
  const roles = [...BUILT_IN_ROLES];
  const personId = randomUUID();
  const find = (id = "") => {
    const app = apps.find(({ appId, id: objectId }) => id === appId || id === objectId);
    if (app === undefined)
      throw new AzError(
        `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
      );
    return app;
  };
  const nameOf = (id: string) => apps.find(({ appId }) => appId === id)?.displayName ?? id;
  const json = ({ value }: Ask, name: string): Record<string, unknown> => {
    try {
      return JSON.parse(value(name) ?? "") as Record<string, unknown>;
    } catch {
      throw new AzError(`Failed to parse string as JSON: ${value(name)}`);
    }
  };
  const answers: Answers = {
    "ad signed-in-user show": () => ({ value: { id: personId, displayName: "Someone" } }),
    // One of that name is found and used again (role/custom.py, create_application).
    "ad app create": ({ value }) => {
      const displayName = value("--display-name") ?? "";
      const known = apps.find((app) => app.displayName === displayName);
      const app = known ?? {
        ...{ appId: randomUUID(), id: randomUUID(), displayName, servicePrincipal: false, credentials: [] },
      };
      if (known === undefined) apps.push(app);
      return { value: app };
    },
    // All whose names begin so (role/custom.py, list_applications), in no order that anybody promises.
    "ad app list": ({ value }) => ({
      value: apps
        .filter(({ displayName }) => displayName.startsWith(value("--display-name") ?? ""))
        .toReversed(),
    }),
    "ad app federated-credential create": (ask) => {
      const given = json(ask, "--parameters") as unknown as App["credentials"][number];
      for (const key of ["name", "issuer", "subject", "audiences"] as const)
        if (given[key] === undefined) throw new AzError(`Property ${key} is required.`);
      const { credentials } = find(ask.value("--id"));
      if (credentials.some(({ name }) => name === given.name))
        throw new AzError(`FederatedIdentityCredential with name ${given.name} already exists.`);
      credentials.push(given);
      return { value: { ...given, id: randomUUID() } };
    },
    "ad sp create": ({ value }) => {
      const app = find(value("--id"));
      if (app.servicePrincipal)
        throw new AzError(
          `The service principal cannot be created, updated, or restored because the service principal name ${app.appId} is already in use.`,
        );
      app.servicePrincipal = true;
      return { value: { appId: app.appId, displayName: app.displayName, id: randomUUID() } };
    },
    "role definition create": (ask) => {
      const given = json(ask, "--role-definition");
      // role/custom.py, _create_update_role_definition
      const named = (name: string) => given[name] ?? given[name[0]?.toLowerCase() + name.slice(1)];
      if (typeof named("Name") !== "string") throw new AzError("please provide role name");
      const scopes = named("AssignableScopes");
      if (!Array.isArray(scopes) || scopes.length === 0)
        throw new AzError("please provide 'assignableScopes'");
      if (!Array.isArray(named("Actions"))) throw new AzError("Actions are missing");
      roles.push(String(named("Name")));
      return { value: { roleName: named("Name"), roleType: "CustomRole", assignableScopes: scopes } };
    },
    "role assignment create": ({ value, azure }) => {
      const [assignee, objectId] = [value("--assignee"), value("--assignee-object-id")];
      if ((assignee === undefined) === (objectId === undefined))
        throw new AzError("usage error: --assignee STRING | --assignee-object-id GUID");
      const principal = assignee ?? objectId ?? "";
      if (
        principal !== personId &&
        !apps.some(({ appId, servicePrincipal }) => appId === principal && servicePrincipal)
      )
        throw new AzError(`Cannot find user or service principal in graph database for '${principal}'.`);
      const role = value("--role") ?? "";
      if (!roles.includes(role)) throw new AzError(`Role '${role}' doesn't exist.`);
      const scope = value("--scope") ?? "";
      if (!new RegExp(`^/subscriptions/${azure.subscriptionId}(/|$)`, "i").test(scope))
        throw new AzError(
          "(MissingSubscription) The request did not have a subscription or a valid tenant level resource provider.",
        );
      const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
      grants.push({ id, principal: nameOf(principal), role, scope });
      return { value: { id, principalId: principal, roleDefinitionName: role, scope } };
    },
    // role/custom.py, list_role_assignments and delete_role_assignments
    "role assignment list": ({ value, has }) => {
      const [assignee, scope] = [value("--assignee"), value("--scope")];
      if (has("--all") && scope !== undefined)
        throw new AzError("group or scope are not required when --all is used");
      return {
        value: grants
          .filter(({ principal }) => assignee === undefined || principal === nameOf(assignee))
          .filter((grant) => scope === undefined || grant.scope === scope)
          .map(({ id, principal, role, scope: at }) => ({
            ...{ id, principalName: principal, roleDefinitionName: role, scope: at },
          })),
      };
    },
    "role assignment delete": ({ values }) => {
      for (const id of values("--ids")) {
        const at = grants.findIndex((grant) => grant.id === id);
        if (at >= 0) grants.splice(at, 1);
      }
      return { value: null };
    },
  };
  const may: Directory["may"] = (role, scope) =>
    grants.some(
      (grant) => grant.principal === personId && role.test(grant.role) && scope.startsWith(grant.scope),
    );
  return { answers, personId, grants, may };
}
