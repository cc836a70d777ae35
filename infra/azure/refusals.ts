/**
 * What Azure refuses: what happened, and what to do. Pure. The texts come from
 * Azure by way of Pulumi's provider (`Status=400 Code="BadRequest" Message="…"`), of our own client, or of Microsoft's
 * identity library. Sources of the texts: Microsoft's page "Troubleshoot common Azure deployment errors", and the public
 * terminals that are named beside them.
 */

import { advice } from "../../base/advice.ts";
import { type Command, onStack, program } from "../../base/command.ts";
import { foreignText } from "../../base/safe-text.ts";
import { CATALOGUE, monthlyUsd, type Plan } from "../plans/catalogue.ts";
import {
  type Commands,
  type Explanation,
  firstRefusal,
  type Refusal,
  type Row,
} from "../refusals/refusal.ts";
import { assignRoleCommand, groupOf, roleFor } from "./roles.ts";
import { type AzureService, requireService } from "./services.ts";

export interface AzureContext {
  stack: string;
  plan: Plan;
  /** The cache that is made or read. */
  name: string;
  /** The stack's `name`, from which the cache's is made. */
  prefix: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
}

export type AzureRefusalCode = (typeof ROWS)[number]["code"];

type Context = AzureContext & Commands;

/** First match wins: errors of the sign-in come before those of a signed-in request. */
const ROWS = [
  {
    code: "SIGN_IN_EXPIRED",
    // ExpiredAuthenticationToken: microsoft/foundry-dev-tools#461. AADSTS numbers: Microsoft's page "Microsoft Entra
    // authentication and authorization error codes"; 700024 is a pipeline's assertion that has expired.
    when: /ExpiredAuthenticationToken|AADSTS(?:700082|70043|50173|700024|70008|50078)\b|Please run 'az login'|lifetime validation failed/i,
    explain: ({ name, up }) => ({
      happened: `The sign-in to Azure expired during the update. Azure may finish what it began on ${name}. The app keeps its settings and its cache.`,
      next: advice(
        "Sign in again, or run the pipeline's job again. The same command continues and deletes what is incomplete.",
        program("az", "login"),
        up,
      ),
    }),
  },
  {
    code: "SIGN_IN_REFUSED",
    when: /AADSTS(\d{5,7})\b[^"\r\n]{0,160}/i,
    explain: ({ up }, [text]) => ({
      happened: `Microsoft Entra ID refuses the sign-in: ${shown(text)}`,
      next: advice(
        "Check ARM_CLIENT_ID, ARM_TENANT_ID and the secret or federated credential of the pipeline (a client secret may have expired). Or sign in by hand.",
        program("az", "login"),
        up,
      ),
    }),
  },
  {
    code: "CACHE_RETIRED",
    // As terminals showed it in 2026, and Azure/azure-sdk-for-java#50073.
    when: /Azure Cache for Redis(?: Enterprise)? is retiring|Creation of new Azure Cache for Redis/i,
    explain: (context) => retired(context),
  },
  {
    code: "NO_CAPACITY",
    // microsoft/aspire#19174; langchain-ai/terraform#109 and #258 report the Failed cluster that stays.
    when: /InsufficientCapacity|AllocationFailed|insufficient capacity|SkuNotAvailable/i,
    explain: (context) => noCapacity(context),
  },
  {
    code: "NAME_TAKEN",
    // Azure/azure-service-operator#889; the misspelling is Azure's.
    when: /NameNotAvailable|occured when trying to reserve the DNS name|NameAlreadyExists/i,
    explain: ({ name, prefix, set, up }) => ({
      happened: `The name ${name} is not available. Names of caches are unique worldwide, and Azure reserves a name for some minutes after its cache is deleted. Nothing was made.`,
      next: advice(
        "If a cache of that name was just deleted, wait some minutes and update again. Otherwise choose another name first.",
        set("name", other(prefix)),
        up,
      ),
    }),
  },
  {
    code: "NOT_ALLOWED",
    // microsoft/azure-tools-for-java#4737; LinkedAuthorizationFailed has the same words around another scope.
    when: /AuthorizationFailed|does not have authorization to perform action/i,
    explain: (context, _, said) => notAllowed(context, said),
  },
  {
    code: "PROVIDER_UNREGISTERED",
    // Microsoft's page "Resolve errors for resource provider registration".
    when: /MissingSubscriptionRegistration|not registered to use namespace/i,
    explain({ subscriptionId, up }, _, said) {
      const namespace = /namespace '?([A-Za-z.]+)'?/.exec(said)?.[1] ?? "Microsoft.Cache";
      return {
        happened: `The subscription has never used ${namespace}, and Azure requires its registration first. Nothing was made.`,
        next: advice(
          "Register it once for the subscription. It takes a minute or two and requires Contributor on the subscription.",
          program(
            ...["az", "provider", "register", "--namespace", namespace],
            ...["--subscription", subscriptionId, "--wait"],
          ),
          up,
        ),
      };
    },
  },
  {
    code: "POLICY",
    // Microsoft's page "Resolve errors for policy RequestDisallowedByPolicy".
    when: /RequestDisallowedByPolicy|was disallowed by policy/i,
    explain: (context, _, said) => disallowed(context, said),
  },
  {
    code: "ACCESS_KEYS_DISABLED",
    // The API's own words for the property; no public terminal with the refusal itself was found.
    when: /access ?keys?(?: authentication)? (?:is|are) disabled|disableAccessKeyAuthentication|accessKeysAuthentication/i,
    explain({ name, plan, resourceGroup, subscriptionId, up }) {
      const database = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Cache/redisEnterprise/${name}/databases/default`;
      const enable: Readonly<Record<AzureService, Command>> = {
        azure: program(
          ...["az", "redis", "update", "--name", name, "--set", "disableAccessKeyAuthentication=false"],
          ...["--resource-group", resourceGroup, "--subscription", subscriptionId],
        ),
        "azure-managed": program(
          ...["az", "resource", "patch", "--ids", database],
          ...["--properties", '{"accessKeysAuthentication":"Enabled"}'],
        ),
      };
      return {
        happened: `The access keys of ${name} are disabled, so the app has no key to use (a policy may disable them).`,
        next: advice("Enable them again.", enable[requireService(plan)], up),
      };
    },
  },
  {
    code: "LOCKED",
    when: /ScopeLocked|because following scope\(s\) are locked/i,
    explain: ({ resourceGroup, subscriptionId, up }) => ({
      happened: "A lock in Azure prevents a change or deletion of the resource. It was not changed.",
      next: advice(
        "List the locks, remove the one that applies, and update again.",
        program(
          ...["az", "lock", "list", "--resource-group", resourceGroup],
          ...["--subscription", subscriptionId, "--output", "table"],
        ),
        up,
      ),
    }),
  },
  {
    code: "CACHE_GONE",
    // Each run asks for the keys, so a cache that was deleted in the portal is noticed here first.
    when: /list(?:Redis|Database)Keys\b[\s\S]*\b(?:Parent)?ResourceNotFound\b/,
    explain: ({ name, stack }) => ({
      happened: `The cache ${name} does not exist: it was deleted in Azure. The app's settings were not changed.`,
      next: advice(
        "To run the app without a cache until it is back, disable it first. Then make a new, empty cache.",
        onStack(stack, "off"),
        onStack(stack, "repair"),
      ),
    }),
  },
  {
    code: "NO_GROUP",
    // cloud-custodian/cloud-custodian#3885.
    when: /ResourceGroupNotFound|Resource group '[^']*' could not be found/i,
    explain: ({ resourceGroup, subscriptionId, location, up }) => ({
      happened: `No resource group ${resourceGroup} exists in subscription ${subscriptionId}.`,
      next: advice(
        "Correct azure.resourceGroup in the stack's config, or make the group.",
        program(
          ...["az", "group", "create", "--name", resourceGroup],
          ...["--location", location, "--subscription", subscriptionId],
        ),
        up,
      ),
    }),
  },
  {
    code: "NO_SUBSCRIPTION",
    // Azure/azure-cli#33657.
    when: /SubscriptionNotFound|InvalidSubscriptionId|The subscription '[^']*' could not be found/i,
    explain: ({ subscriptionId, set }) => ({
      happened: `Subscription ${subscriptionId} does not exist, or the identity that signs in may not see it.`,
      next: advice(
        "List the subscriptions that it may see, and choose one.",
        program("az", "account", "list", "--output", "table"),
        set("azure.subscriptionId", "00000000-0000-0000-0000-000000000000"),
      ),
    }),
  },
  {
    code: "LOCATION",
    when: /LocationNotAvailableForResourceType|InvalidLocation|location '[^']*' is not available/i,
    explain: ({ location, set, up }) => ({
      happened: `Azure does not offer this cache in ${location}. Nothing was made.`,
      next: advice("Choose a region near the app.", set("azure.location", nearby(location)), up),
    }),
  },
  {
    code: "BUSY",
    // digdir/dialogporten#523, Azure/migAz#57.
    when: /is busy processing a previous update|AnotherOperationInProgress|TooManyRequests|ResourceRequestsThrottled|OperationNotAllowed[^"]*throttl/i,
    explain: ({ name, up }) => ({
      happened: `Azure is still busy with ${name}, or has too many requests.`,
      next: advice("Wait a minute, and update again.", up),
    }),
  },
  {
    code: "TROUBLE",
    // An operation may end as Failed without a word (Azure/azure-sdk-for-net#30766); azcore words the rest, and Go a
    // connection that was lost.
    when: /"?status"?\s*[:=]\s*"?Failed\b|\bStatus[=:]\s*5\d\d\b|InternalServerError|ServiceUnavailable|GatewayTimeout|\bEOF\b|connection reset|socket hang up|ECONNRESET|fetch failed/i,
    explain: ({ name, up }) => ({
      happened: `Azure failed while it worked on ${name}, or the connection was lost. The app keeps its settings and its cache.`,
      next: advice(
        "The next update deletes what is incomplete. If it fails again, see https://azure.status.microsoft.",
        up,
      ),
    }),
  },
] as const satisfies readonly Row<AzureContext>[];

/**
 * @param text what Azure said, as it came
 * @returns undefined for what is not known here: then Azure's own words must do
 */
export function explainRefusal(text: string, context: AzureContext): Refusal<AzureRefusalCode> | undefined {
  return firstRefusal<AzureContext, AzureRefusalCode>(ROWS, text, context);
}

function retired({ plan, subscriptionId, set, up }: Context): Explanation {
  const { title, retires } = CATALOGUE[plan];
  const successor = retires?.successor ?? "azure-managed-b0";
  const until = retires === undefined ? "" : ` The service ends on ${retires.on}.`;
  return {
    happened: `Azure makes no new ${title} in subscription ${subscriptionId}: Azure Cache for Redis is retiring.${until} Nothing was made. The app keeps its cache.`,
    next: advice(
      `Use its successor ${successor} (${CATALOGUE[successor].title}), about $${monthlyUsd(successor)?.toFixed(2)} a month.`,
      set("plan", successor),
      up,
    ),
  };
}

function noCapacity({ plan, name, location, set, up }: Context): Explanation {
  const size = CATALOGUE[plan].otherSize;
  const other =
    size === undefined
      ? ""
      : `, or another size: plan ${size}, about $${monthlyUsd(size)?.toFixed(2)} a month`;
  return {
    happened: `Azure has no capacity for ${CATALOGUE[plan].title} in ${location} now. The app keeps its cache. A cache ${name} in state Failed may remain: the next update of the same plan deletes it first.`,
    next: advice(
      `Choose another region${other}. Or try the same again in some hours.`,
      set("azure.location", nearby(location)),
      ...(size === undefined ? [] : [set("plan", size)]),
      up,
    ),
  };
}

function notAllowed({ subscriptionId, resourceGroup, up }: Context, said: string): Explanation {
  const action = /perform action(?:\(s\))? '([^']+)'/i.exec(said)?.[1];
  const scope = /over scope '([^']+)'/i.exec(said)?.[1];
  const client = /client '([^']+)'/i.exec(said)?.[1];
  const role = roleFor(action ?? "");
  const who = client === undefined ? "The identity that signs in" : `The identity ${shown(client)}`;
  const what = action === undefined ? "do this" : `do ${shown(action)}`;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return {
    happened: `${who} may not ${what}${scope === undefined ? "" : ` on ${shown(scope)}`}.`,
    next: advice(
      `Ask someone who may grant roles to assign ${role}. It takes effect after a minute or two.`,
      assignRoleCommand(role, safe(client) ?? "CLIENT_ID", groupOf(safe(scope) ?? group)),
      up,
    ),
  };
}

function disallowed({ resourceGroup, subscriptionId, up }: Context, said: string): Explanation {
  const names = [
    ...said.matchAll(/policy(?:Set)?Definition\\?":\s*\{\\?"name\\?":\s*\\?"([^"\\]{1,100})/gi),
  ].map(([, name = ""]) => shown(name));
  const which = names.length === 0 ? "A policy" : `The policy ${[...new Set(names)].join(" and ")}`;
  return {
    happened: `${which} of your organisation does not allow this in ${resourceGroup}. Nothing was made.`,
    next: advice(
      "See which policies apply. They often require a tag (azure.tags), another region (azure.location) or no public access (azure.network.access private, with azure.network.subnetId).",
      program(
        ...["az", "policy", "assignment", "list", "--resource-group", resourceGroup],
        ...["--subscription", subscriptionId, "--disable-scope-strict-match", "--output", "table"],
      ),
      up,
    ),
  };
}

/** Another region of the same part of the world. */
function nearby(location: string): string {
  const home = location.toLowerCase().replaceAll(" ", "");
  const part = PARTS.find(([names]) => names.test(home));
  return part?.[1].find((region) => region !== home) ?? "centralus";
}
const PARTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/europe|france|germany|norway|sweden|switzerland|italy|poland|spain|^uk/, ["westeurope", "northeurope"]],
  [/asia|japan|korea|india|australia/, ["southeastasia", "japaneast"]],
  [/./, ["centralus", "westus3"]],
];

/** `propiq-redis` becomes `propiq-redis-2`, `propiq-redis-2` becomes `propiq-redis-3`; at most 24 characters. */
function other(prefix: string): string {
  const [, base = prefix, number = "1"] = /^(.*?)(?:-(\d{1,3}))?$/.exec(prefix) ?? [];
  const suffix = `-${Number(number) + 1}`;
  return `${base.slice(0, 24 - suffix.length).replace(/-+$/, "")}${suffix}`;
}

function shown(text: string): string {
  return foreignText(text, (same) => same);
}

/** Azure's text in a command that people paste: nothing but what ids and names are made of. */
function safe(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w@./() -]{1,400}$/.test(text) ? text : undefined;
}
