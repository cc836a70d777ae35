/**
 * What a stack with a cache must never hold, whatever changed the program or the cloud: a second look at what
 * the config and the catalogue already see to. Rules read inputs only, which a preview knows.
 */
import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "../alerts/tokens.ts";
import { CREDENTIAL_HOSTS, type CredentialHostKey } from "../azure/cloud-host.ts";
import { MARK_NAMES } from "../azure/tags.ts";
import { familyOf, type Plan } from "../plans/catalogue.ts";

/** A resource as the engine is about to register it. */
export interface ResourceView {
  type: string;
  name: string;
  props: Readonly<Record<string, unknown>>;
}

/** What the stack's config asks for. */
export interface Intent {
  plan: Plan;
  standby: readonly Plan[];
  privateAccess: boolean;
  /** Keys of the config that name a host for credentials, which is not Microsoft's and not in the environment. */
  foreignHosts?: readonly CredentialHostKey[];
}

export interface Rule {
  name: string;
  description: string;
  /** @returns what is wrong with one resource */
  ofResource?: (resource: ResourceView, intent: Intent | undefined) => string | undefined;
  /** @returns what is wrong with the stack as a whole */
  ofStack?: (resources: readonly ResourceView[], intent: Intent | undefined) => string | undefined;
}

const REDIS = "azure-native:redis:Redis";
const CLUSTER = "azure-native:redisenterprise:RedisEnterprise";
const DATABASE = "azure-native:redisenterprise:Database";
const UPSTASH = "upstash:index/redisDatabase:RedisDatabase";

/** The resources that are a cache by themselves. */
const CACHES: ReadonlySet<string> = new Set([
  REDIS,
  CLUSTER,
  UPSTASH,
  "docker:index/container:Container",
  "propiq:index:LocalRedis",
  "propiq:cache:External",
]);
/** What takes tags in Azure. Firewall rules and the like are parts of these. */
const TAGGED: ReadonlySet<string> = new Set([
  REDIS,
  CLUSTER,
  "azure-native:network:PrivateEndpoint",
  METRIC_ALERT,
  ACTION_GROUP,
  WORKBOOK,
]);
const SINKS: ReadonlySet<string> = new Set(["propiq:index:AppSettings", "propiq:index:EnvFile"]);

export const RULES: readonly Rule[] = [
  {
    name: "no-plaintext-port",
    description: "A cache in the cloud has no port without TLS.",
    ofResource({ type, props }) {
      if (type === REDIS && props["enableNonSslPort"] === true)
        return "enableNonSslPort opens port 6379, without TLS; take it out.";
      if (type === DATABASE && props["clientProtocol"] === "Plaintext")
        return "clientProtocol is Plaintext; it must be Encrypted.";
      return undefined;
    },
  },
  {
    name: "tls-1-2",
    description: "A cache in the cloud speaks TLS 1.2 or newer.",
    ofResource({ type, props }) {
      if (type === UPSTASH && props["tls"] !== true) return "tls must be true.";
      const version = props["minimumTlsVersion"];
      if ((type === REDIS || type === CLUSTER) && version !== "1.2" && version !== "1.3")
        return "minimumTlsVersion must be 1.2 or 1.3.";
      return undefined;
    },
  },
  {
    name: "private-where-asked",
    description: "With azure.network.access private, no Azure cache is open to the internet.",
    ofResource({ type, props }, intent) {
      if (!intent?.privateAccess || (type !== REDIS && type !== CLUSTER)) return undefined;
      return props["publicNetworkAccess"] === "Disabled"
        ? undefined
        : "publicNetworkAccess must be Disabled: the stack's config asks for azure.network.access private.";
    },
  },
  {
    name: "tagged",
    description: "Every Azure cache, and what is around it, says which project and stack it belongs to.",
    ofResource({ type, props }) {
      if (!TAGGED.has(type)) return undefined;
      const tags = (props["tags"] ?? {}) as Record<string, unknown>;
      const missing = MARK_NAMES.filter((tag) => !tags[tag]);
      return missing.length === 0 ? undefined : `lacks the tags ${missing.join(", ")}.`;
    },
  },
  {
    name: "microsoft-clouds",
    description: "The config of a stack alone does not decide where credentials go.",
    ofStack(_resources, intent) {
      const [key] = intent?.foreignHosts ?? [];
      return key === undefined
        ? undefined
        : `sets ${key} to a host that is not Microsoft's. Remove the key, or set ${CREDENTIAL_HOSTS[key][0]} to the same host.`;
    },
  },
  {
    name: "one-cache",
    description: "A stack holds the plan's cache and those of standby, and no other.",
    ofStack(resources, intent) {
      if (intent === undefined) return undefined;
      const caches = resources.filter(({ type }) => CACHES.has(type));
      const allowed = new Set([intent.plan, ...intent.standby].map(familyOf)).size;
      if (caches.length <= allowed) return undefined;
      const names = caches.map(({ name }) => name).join(", ");
      return `holds ${caches.length} caches (${names}), and its config names ${allowed}: name the others in standby, or remove them.`;
    },
  },
  {
    name: "wired-to-a-cache",
    description: "An app that gets settings of a cache has one in the stack.",
    ofStack(resources) {
      if (!resources.some(({ type }) => SINKS.has(type))) return undefined;
      return resources.some(({ type }) => CACHES.has(type))
        ? undefined
        : "writes the settings of a cache, and holds none: the only cache that its apps use would go.";
    },
  },
];
