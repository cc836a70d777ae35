/**
 * What Azure refuses, in words for people: what happened, and the commands that lead out. Pure; the texts come from
 * Azure by way of Pulumi's provider (`Status=400 Code="BadRequest" Message="…"`), of our own client, or of Microsoft's
 * identity library. Sources of the texts: Microsoft's page "Troubleshoot common Azure deployment errors", and the public
 * terminals that are named beside them.
 */
import { foreignText } from "../../base/safe-text.ts";
import { CATALOGUE, monthlyUsd, type Plan } from "../plans/catalogue.ts";
import { type Commands, firstRefusal, type Refusal, type Row } from "../refusals.ts";
import { assignRole, roleFor } from "./roles.ts";
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

/** First match wins: the sign-in before what a signed-in request may be told. */
const ROWS = [
  {
    code: "SIGN_IN_EXPIRED",
    // ExpiredAuthenticationToken: microsoft/foundry-dev-tools#461. AADSTS numbers: Microsoft's page "Microsoft Entra
    // authentication and authorization error codes"; 700024 is a pipeline's assertion that has run out.
    when: /ExpiredAuthenticationToken|AADSTS(?:700082|70043|50173|700024|70008|50078)\b|Please run 'az login'|lifetime validation failed/i,
    explain: ({ name, up }) => ({
      happened: `The sign-in to Azure ran out in the middle of the update. What Azure had begun on ${name} may go on by itself; the app keeps the settings and the cache that it had.`,
      hint: `Sign in again (az login; in a pipeline, run the job again), and the same command goes on from there, clearing away what is half made:\n${up}`,
    }),
  },
  {
    code: "SIGN_IN_REFUSED",
    when: /AADSTS(\d{5,7})\b[^"\r\n]{0,160}/i,
    explain: ({ up }, [text]) => ({
      happened: `Microsoft Entra ID refuses the sign-in: ${shown(text)}`,
      hint: `Check ARM_CLIENT_ID, ARM_TENANT_ID and the secret or federated credential of the pipeline (a client secret may have expired), or sign in by hand: az login\nThen: ${up}`,
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
    // microsoft/aspire#19174; langchain-ai/terraform#109 and #258 tell of the Failed cluster that stays.
    when: /InsufficientCapacity|AllocationFailed|insufficient capacity|SkuNotAvailable/i,
    explain: (context) => noCapacity(context),
  },
  {
    code: "NAME_TAKEN",
    // Azure/azure-service-operator#889; the misspelling is Azure's.
    when: /NameNotAvailable|occured when trying to reserve the DNS name|NameAlreadyExists/i,
    explain: ({ name, prefix, set, up }) => ({
      happened: `The name ${name} is not free. Names of caches are unique in the world, and Azure keeps one for some minutes after its cache is deleted. Nothing was made.`,
      hint: `If a cache of that name was deleted just now, wait some minutes, then: ${up}\nElse take another name: ${set(`name ${other(prefix)}`)}`,
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
        happened: `The subscription has never used ${namespace}, and Azure wants it registered first. Nothing was made.`,
        hint: `Once for the subscription, a minute or two (needs Contributor on it):\naz provider register --namespace ${namespace} --subscription ${subscriptionId} --wait\nThen: ${up}`,
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
      const where = `--resource-group ${resourceGroup} --subscription ${subscriptionId}`;
      const turnOn: Readonly<Record<AzureService, string>> = {
        azure: `az redis update --name ${name} --set disableAccessKeyAuthentication=false ${where}`,
        "azure-managed": `az resource patch --ids /subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Cache/redisEnterprise/${name}/databases/default --properties '{"accessKeysAuthentication":"Enabled"}'`,
      };
      return {
        happened: `The access keys of ${name} are switched off, so there is no key that the app could use (a policy may switch them off by itself).`,
        hint: `Switch them on again:\n${turnOn[requireService(plan)]}\nThen: ${up}`,
      };
    },
  },
  {
    code: "LOCKED",
    when: /ScopeLocked|because following scope\(s\) are locked/i,
    explain: ({ resourceGroup, subscriptionId, up }) => ({
      happened: "A lock in Azure keeps the resource from being changed or deleted. It was left as it is.",
      hint: `Which locks there are:\naz lock list --resource-group ${resourceGroup} --subscription ${subscriptionId} --output table\nOnce it is taken off: ${up}`,
    }),
  },
  {
    code: "CACHE_GONE",
    // Keys are asked for by each program, so a cache that somebody deleted in the portal is missed here first.
    when: /list(?:Redis|Database)Keys\b[\s\S]*\b(?:Parent)?ResourceNotFound\b/,
    explain: ({ name, stack, up }) => ({
      happened: `The cache ${name} is not there any more: somebody has deleted it in Azure. The app's settings were not changed.`,
      hint: `A refresh sees it, and an update makes a new, empty one:\n./propiq-cache pulumi refresh --stack ${stack}\n${up}\nUntil then the app goes on without it: ./propiq-cache off --stack ${stack}`,
    }),
  },
  {
    code: "NO_GROUP",
    // cloud-custodian/cloud-custodian#3885.
    when: /ResourceGroupNotFound|Resource group '[^']*' could not be found/i,
    explain: ({ resourceGroup, subscriptionId, location, set, up }) => ({
      happened: `There is no resource group ${resourceGroup} in subscription ${subscriptionId}.`,
      hint: `Name another: ${set("--path azure.resourceGroup NAME")}\nor make it:\naz group create --name ${resourceGroup} --location ${location} --subscription ${subscriptionId}\nThen: ${up}`,
    }),
  },
  {
    code: "NO_SUBSCRIPTION",
    // Azure/azure-cli#33657.
    when: /SubscriptionNotFound|InvalidSubscriptionId|The subscription '[^']*' could not be found/i,
    explain: ({ subscriptionId, set }) => ({
      happened: `Subscription ${subscriptionId} does not exist, or whoever signs in may not see it.`,
      hint: `Those that can be seen:\naz account list --output table\nChoose one: ${set("--path azure.subscriptionId 00000000-0000-0000-0000-000000000000")}`,
    }),
  },
  {
    code: "LOCATION",
    when: /LocationNotAvailableForResourceType|InvalidLocation|location '[^']*' is not available/i,
    explain: ({ location, set, up }) => ({
      happened: `Azure makes no such cache in ${location}. Nothing was made.`,
      hint: `Choose a region near the app: ${set(`--path azure.location ${nearby(location)}`)}\nThen: ${up}`,
    }),
  },
  {
    code: "BUSY",
    // digdir/dialogporten#523, Azure/migAz#57.
    when: /is busy processing a previous update|AnotherOperationInProgress|TooManyRequests|ResourceRequestsThrottled|OperationNotAllowed[^"]*throttl/i,
    explain: ({ name, up }) => ({
      happened: `Azure is still busy with ${name}, or with too many requests at once.`,
      hint: `Wait a minute, then: ${up}`,
    }),
  },
  {
    code: "TROUBLE",
    // An operation may end as Failed without a word (Azure/azure-sdk-for-net#30766); azcore words the rest, and Go a
    // connection that was lost.
    when: /"?status"?\s*[:=]\s*"?Failed\b|\bStatus[=:]\s*5\d\d\b|InternalServerError|ServiceUnavailable|GatewayTimeout|\bEOF\b|connection reset|socket hang up|ECONNRESET|fetch failed/i,
    explain: ({ name, up }) => ({
      happened: `Azure had trouble of its own with ${name}, or the connection to it was lost. The app keeps the settings and the cache that it had.`,
      hint: `What is half made is found, and cleared away, by the next update: ${up}\nWhere it fails again: https://azure.status.microsoft`,
    }),
  },
] as const satisfies readonly Row<AzureContext>[];

/**
 * @param text what Azure said, as it came
 * @returns nothing for what is not known here; then Azure's own words must do
 */
export function explainRefusal(text: string, context: AzureContext): Refusal<AzureRefusalCode> | undefined {
  return firstRefusal<AzureContext, AzureRefusalCode>(ROWS, text, context);
}

function retired({ plan, subscriptionId, set, up }: Context): { happened: string; hint: string } {
  const { title, retires } = CATALOGUE[plan];
  const successor = retires?.successor ?? "azure-managed-b0";
  const until = retires === undefined ? "" : ` The service ends on ${retires.on}.`;
  return {
    happened: `Azure makes no new ${title} in subscription ${subscriptionId}: Azure Cache for Redis is retiring.${until} Nothing was made; the app keeps the cache that it has.`,
    hint: `Its successor is ${successor} (${CATALOGUE[successor].title}), about $${monthlyUsd(successor)?.toFixed(2)} a month:\n${set(`plan ${successor}`)}\n${up}`,
  };
}

function noCapacity({ plan, name, location, set, up }: Context): { happened: string; hint: string } {
  const size = CATALOGUE[plan].otherSize;
  const ways = [
    `another region: ${set(`--path azure.location ${nearby(location)}`)}`,
    ...(size === undefined
      ? []
      : [`another size, about $${monthlyUsd(size)?.toFixed(2)} a month: ${set(`plan ${size}`)}`]),
    "or the same again in some hours",
  ];
  return {
    happened: `Azure has no room for ${CATALOGUE[plan].title} in ${location} now. The app keeps the cache that it has. A cache ${name} in state Failed may be left behind: the next update of the same plan deletes it first, by itself.`,
    hint: `Choose: ${ways.join("\n")}\nThen: ${up}`,
  };
}

function notAllowed({ subscriptionId, resourceGroup, up }: Context, said: string) {
  const action = /perform action(?:\(s\))? '([^']+)'/i.exec(said)?.[1];
  const scope = /over scope '([^']+)'/i.exec(said)?.[1];
  const client = /client '([^']+)'/i.exec(said)?.[1];
  const role = roleFor(action ?? "");
  const who = client === undefined ? "Whoever signs in" : `The identity ${shown(client)}`;
  const what = action === undefined ? "do this" : `do ${shown(action)}`;
  const where = scope ?? `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return {
    happened: `${who} may not ${what}${scope === undefined ? "" : ` on ${shown(scope)}`}.`,
    hint: `Someone who may give rights there gives it the role ${role}:\n${assignRole(role, safe(client) ?? "CLIENT_ID", safe(where) ?? "")}\nIt counts after a minute or two. Then: ${up}`,
  };
}

function disallowed({ resourceGroup, subscriptionId, set, up }: Context, said: string) {
  const names = [
    ...said.matchAll(/policy(?:Set)?Definition\\?":\s*\{\\?"name\\?":\s*\\?"([^"\\]{1,100})/gi),
  ].map(([, name = ""]) => shown(name));
  const which = names.length === 0 ? "A policy" : `The policy ${[...new Set(names)].join(" and ")}`;
  return {
    happened: `${which} of your organisation does not allow this in ${resourceGroup}. Nothing was made.`,
    hint: `What applies there:\naz policy assignment list --resource-group ${resourceGroup} --subscription ${subscriptionId} --disable-scope-strict-match --output table\nOften it wants a tag, a region or no public access:\n${set("--path azure.tags.costCenter VALUE")}\n${set("--path azure.location REGION")}\n${set("--path azure.network.access private")} (and azure.network.subnetId)\nThen: ${up}`,
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
