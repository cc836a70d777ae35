/** What to do about each fault, where the cache runs: the texts, and the commands that go with them. */
import type { Code } from "../report.ts";
import type { LargerPlans, Provider, Subject } from "../subject.ts";
import {
  advise,
  azureKeys,
  azureState,
  carryOutOff,
  choosePlan,
  configure,
  container,
  deploy,
  disk,
  dockerDisk,
  drift,
  enable,
  managedKeys,
  managedState,
  onApp,
  repair,
  rotate,
  type Step,
  verify,
  verifyLonger,
} from "./steps.ts";

/** `{endpoint}` in the text is the address of the cache. The last command shows whether the remedy helped. */
export interface Remedy {
  readonly say: string;
  readonly run: readonly Step[];
}
/** Where the remedy depends on whether a larger plan exists. */
export type Choice = (subject: Subject) => Remedy;
/** `any` holds for providers without a remedy of their own. */
export type Row = { any: Remedy } & Partial<Record<Provider, Remedy | Choice>>;

/** Without a step, the check itself is the next command. */
function remedy(say: string, ...run: readonly Step[]): Remedy {
  return { say, run: run.length === 0 ? [verify] : run };
}

/** Changes the plan where a larger one exists. Without a stack, another place decides the plan. */
function grow(kind: keyof LargerPlans, say: string, otherwise: Remedy): Choice {
  return ({ stack, largerPlans }) => {
    if (stack === undefined) return remedy(`${say} Or choose a larger plan where the plan is configured.`);
    return largerPlans?.[kind] === undefined
      ? remedy(`${say} ${otherwise.say}`, ...otherwise.run)
      : remedy(`${say} Or choose the next larger plan.`, choosePlan(kind), deploy);
  };
}

const largestPlan: Remedy = remedy(
  "This cloud has no larger plan: find out which keys use the memory.",
  advise,
);
const mostConnections: Remedy = remedy("No plan of this cloud takes more connections.");

const azureNetwork: Remedy = remedy(
  "Azure Cache for Redis lets in only the addresses and networks of its network settings. Check that the address of this machine is in azure.network.allowedIps, or that this machine is in the virtual network of the private endpoint. TLS is on port 6380 (here: {endpoint}).",
);
const managedNetwork: Remedy = remedy(
  "Azure Managed Redis has no firewall rules. With azure.network.access private, only the virtual network of its private endpoint gets in. Its port is 10000 (here: {endpoint}).",
);
const upstashNetwork: Remedy = remedy(
  "Upstash listens on port 6379 with TLS. Paid plans can have a list of allowed addresses: check it in the Upstash console. Check also that this machine can reach that port.",
);

const dropped = {
  any: remedy(
    "A firewall drops the connection, or the host is down. Try from the machine that runs the app.",
  ),
  docker: remedy("The container does not answer. Start it again.", deploy),
  native: remedy("The redis-server does not answer. Start it again.", deploy),
  azure: azureNetwork,
  "azure-managed": managedNetwork,
  upstash: upstashNetwork,
} satisfies Row;

const deletedOnAzure = (ending: string): Remedy =>
  remedy(
    `The cache was deleted or renamed, its name (….${ending}) is misspelled, or this machine cannot resolve the DNS zone of its private endpoint.`,
    repair,
  );
const missingKey: Remedy = remedy("The settings do not contain the access key.", repair);
const oldKey =
  "The password is not a current access key of the cache. After a key rotation the settings must be written again. Or access keys are disabled:";
const keysDisabled =
  "The cache accepts only Entra ID, and the app signs in with an access key. Another user or a company policy disabled access keys:";
const printsFalse = "the first command prints false while they are enabled.";
const printsEnabled = "the first command prints Enabled while they are enabled.";
const foreignSettings: Remedy = remedy(
  "The settings belong to another stack, or another Redis uses this port.",
  repair,
);
const foreignServer: Remedy = remedy(
  "The server on this port has a password, and the cache of this project has none: it is another server.",
  repair,
);
const localWithoutTls: Remedy = remedy(
  "Local caches do not use TLS: the settings belong to another stack.",
  repair,
);
const portTaken: Remedy = remedy(
  "Another program uses the port. Stop it, or choose another port.",
  configure("port", "6390"),
  deploy,
);
const moreLocalMemory = (say: string): Remedy => remedy(say, configure("maxMemoryMb", "200"), deploy);
const leakingApp = "Find the app that opens connections without closing them, and restart it.";
const changedPolicy: Remedy = remedy(
  "When the cache is full, writes fail: another user changed its eviction policy.",
  repair,
);
const firstDatabase = (service: string): Remedy =>
  remedy(`${service} has database 0 only: REDIS_URL must end in /0 (REDIS_DB=0).`);
const nothingListens =
  "Nothing accepts connections on {endpoint}: the cache was deleted, is still being created, or a firewall rejects this machine. The first command prints Succeeded for a cache that is ready.";
const FULL = "The cache is full and evicts nothing.";
const NEEDS_ROOM = "The cache is almost full. Use shorter TTLs.";
const PLAN_CONNECTIONS = `The plan's connections are used up. ${leakingApp}`;

export const REMEDIES: Readonly<Record<Code, Row>> = {
  DNS_NOT_FOUND: {
    any: remedy("Check the spelling of the host name. A new name takes some minutes to appear in DNS."),
    upstash: remedy(
      "Upstash archives free databases that are not used, and removes their names. Restore the database in the Upstash console. The name of a new database takes a minute to appear in DNS.",
    ),
    azure: deletedOnAzure("redis.cache.windows.net"),
    "azure-managed": deletedOnAzure("redis.azure.net"),
  },
  DNS_UNAVAILABLE: {
    any: remedy("DNS does not work on this machine. Check that it is online and that its DNS server is up."),
  },
  TCP_REFUSED: {
    any: remedy("Nothing listens on {endpoint}. Check that the server is up and that this is its port."),
    docker: remedy("The container is stopped, or does not publish that port. Start it again.", deploy),
    native: remedy("The redis-server of this project is stopped. Start it again.", deploy),
    azure: remedy(nothingListens, azureState, repair),
    "azure-managed": remedy(nothingListens, managedState, repair),
    upstash: upstashNetwork,
  },
  TCP_TIMEOUT: dropped,
  UNREACHABLE: {
    ...dropped,
    any: remedy(
      "This machine has no route to that address. Check that it is online, that it is in the right network or VPN, and that the address is correct.",
    ),
  },
  CONNECTION_RESET: {
    any: remedy(
      "The server, or a firewall before it, closed the connection. The server may be restarting, or may have reached its limit of connections. See its log.",
    ),
    docker: remedy("The container is restarting or broken. Its log shows why.", container("logs"), deploy),
    native: remedy("The redis-server is stopping or broken. Its log shows why. Start it again.", deploy),
    azure: azureNetwork,
    "azure-managed": managedNetwork,
    upstash: remedy(
      "Upstash closes idle connections, and all connections for a second or two when a plan changes. A suspended database stays closed: see the Upstash console.",
    ),
  },
  TLS_HANDSHAKE: {
    any: remedy(
      "Server and client share no TLS version. The server may require a client certificate, or support only versions before 1.2.",
    ),
    azure: remedy("Azure Cache for Redis supports TLS 1.2 or newer, on port 6380 only."),
    "azure-managed": remedy("Azure Managed Redis supports TLS 1.2 or newer, on port 10000."),
  },
  TLS_EXPIRED: {
    any: remedy(
      "The certificate has expired, or is not valid yet. Renew it, or set the clock of this machine.",
    ),
  },
  TLS_UNTRUSTED: {
    any: remedy(
      "The certificate's authority is not trusted: a proxy may decrypt the traffic, or the server has the wrong certificate. For an authority of your own company, set NODE_EXTRA_CA_CERTS to its file.",
    ),
  },
  TLS_HOSTNAME: {
    any: remedy(
      "Use the exact host name that the provider shows, not an address or an alias (here: {endpoint}).",
    ),
  },
  TLS_NOT_OFFERED: {
    any: remedy("Write redis:// instead of rediss:// (REDIS_TLS=false), or use the server's TLS port."),
    docker: localWithoutTls,
    native: localWithoutTls,
    azure: remedy("Azure Cache for Redis has TLS on port 6380. Port 6379 is the one without TLS."),
  },
  TLS_REQUIRED: {
    any: remedy("Write rediss:// instead of redis:// (REDIS_TLS=true)."),
    upstash: remedy("Upstash requires TLS: the URL must begin with rediss://, with two s.", repair),
    azure: remedy("Port 6380 requires TLS: the URL must begin with rediss://, with two s.", repair),
    "azure-managed": remedy(
      "Azure Managed Redis requires TLS: the URL must begin with rediss://, with two s.",
      repair,
    ),
  },
  NOT_REDIS: {
    any: remedy("A program other than Redis listens on {endpoint}. Check host and port."),
    docker: portTaken,
    native: portTaken,
  },
  PROTOCOL_ERROR: {
    any: remedy(
      "A proxy or load balancer between this machine and the server changes the traffic. Try without it.",
    ),
  },
  PROTECTED_MODE: {
    any: remedy(
      "The server has no password and therefore accepts connections from its own machine only. Set a password (requirepass), or bind the server to the address that it serves.",
    ),
  },
  AUTH_REQUIRED: {
    any: remedy(
      "The server requires a password and the settings have none. Set REDIS_PASSWORD, or put the password into REDIS_URL.",
    ),
    docker: foreignServer,
    native: foreignServer,
    azure: missingKey,
    "azure-managed": missingKey,
    upstash: remedy("The settings do not contain the password of the database.", repair),
  },
  AUTH_WRONG: {
    any: remedy(
      "The password or user name is wrong, or the server has no password. In a URL, the password is percent-encoded and follows a colon: rediss://:PASSWORD@host. Without the colon it is read as a user name.",
    ),
    docker: foreignSettings,
    native: foreignSettings,
    upstash: remedy("The password was reset in the Upstash console, or belongs to another database.", repair),
    external: remedy(
      "The password or user name is wrong. In a URL, the password is percent-encoded and follows a colon: rediss://:PASSWORD@host. If the password of the cache was changed, hand the new URL over.",
      rotate,
    ),
    azure: remedy(`${oldKey} ${printsFalse}`, azureKeys, repair),
    "azure-managed": remedy(`${oldKey} ${printsEnabled}`, managedKeys, repair),
  },
  AUTH_FORBIDDEN: {
    any: remedy(
      "The user's ACL does not allow a command or a key. The check requires PING, SET, GET, PTTL, DEL, EXISTS and INFO, and keys that begin with propiq-cache:check:.",
    ),
  },
  ACCESS_KEYS_DISABLED: {
    any: remedy(
      "The server accepts no access keys or passwords, and the app signs in with one. Enable them, or ask the operator of the server why they are disabled.",
    ),
    azure: remedy(`${keysDisabled} ${printsFalse}`, azureKeys, repair),
    "azure-managed": remedy(`${keysDisabled} ${printsEnabled}`, managedKeys, repair),
  },
  DB_INDEX: {
    any: remedy("The server has no database with that number: use 0."),
    upstash: firstDatabase("Upstash"),
    "azure-managed": firstDatabase("Azure Managed Redis"),
  },
  LOADING: {
    any: remedy("The server is loading its data from disk. Wait until it has finished."),
  },
  READONLY: {
    any: remedy(
      "This is a replica, which rejects writes: use the address of the primary. During a failover this ends within a minute.",
    ),
    docker: remedy("This container was made a replica (REPLICAOF). Start it again.", deploy),
    native: remedy("This server was made a replica (REPLICAOF). Start it again.", deploy),
  },
  MISCONF: {
    any: remedy(
      "The server could not save its data and rejects writes. Check whether its disk is full or read-only. Its log shows which.",
    ),
    docker: remedy(
      "Redis could not save its data. Free disk space for Docker, then start the cache again.",
      dockerDisk,
      deploy,
    ),
    native: remedy(
      "Redis could not save its data. Free disk space, then start the cache again.",
      disk,
      deploy,
    ),
  },
  OUT_OF_MEMORY: {
    any: remedy(`${FULL} Set an eviction policy such as allkeys-lru, or give it more memory.`),
    docker: moreLocalMemory("The cache is full. Give it more memory."),
    native: moreLocalMemory("The cache is full. Give it more memory."),
    upstash: grow("memory", FULL, largestPlan),
    azure: grow("memory", FULL, largestPlan),
    "azure-managed": grow("memory", FULL, largestPlan),
  },
  MAX_CLIENTS: {
    any: remedy(`The server has reached its limit of connections. ${leakingApp} Or raise maxclients.`),
    docker: remedy(leakingApp, deploy),
    native: remedy(leakingApp, deploy),
    upstash: remedy(`${PLAN_CONNECTIONS} Or choose a larger plan.`),
    azure: grow("connections", PLAN_CONNECTIONS, mostConnections),
    "azure-managed": remedy(PLAN_CONNECTIONS),
  },
  CLUSTER_MOVED: {
    any: remedy(
      "The server is part of a cluster, which the app's client does not support. Use a server without cluster mode.",
    ),
    "azure-managed": remedy(
      "The database has the clustering policy OSSCluster. The app's client requires NoCluster, which can be chosen only when the database is created.",
      repair,
    ),
  },
  CLUSTER_DOWN: {
    any: remedy(
      "The cluster serves no keys: nodes are down, or slots are not assigned. CLUSTER INFO shows which.",
    ),
  },
  MASTER_DOWN: {
    any: remedy(
      "This is a replica that lost its primary. Use the address of the primary, or wait for the failover.",
    ),
  },
  BUSY_SCRIPT: {
    any: remedy("A Lua script blocks the server. If it has written nothing, SCRIPT KILL ends it."),
    docker: remedy(
      "A Lua script blocks the server. End the script.",
      container("exec", "redis-cli", "SCRIPT", "KILL"),
      verify,
    ),
    azure: remedy(
      "A Lua script blocks the server. Enter SCRIPT KILL in the cache's console in the Azure portal, or reboot the cache there.",
    ),
  },
  QUOTA_EXCEEDED: {
    any: remedy("The provider's allowance is used up. Wait until it is renewed, or choose a larger plan."),
    upstash: grow(
      "allowance",
      "The plan's allowance of commands, data or traffic is used up.",
      remedy(
        "With pay-as-you-go, this is the budget: raise upstash.budget in the config of the stack.",
        deploy,
      ),
    ),
  },
  REDIS_ERROR: {
    any: remedy("Redis rejected the command. Its reply is shown above, and its log may contain more."),
  },
  TIMEOUT: {
    any: remedy(
      "The server accepts connections but does not answer: it is overloaded or suspended. The check can wait longer.",
      verifyLonger,
    ),
    docker: remedy("The container does not answer. Its log may show why.", container("logs"), deploy),
    native: remedy("The redis-server hangs, or was suspended (SIGSTOP). Start it again.", deploy),
    azure: remedy(
      "The cache does not answer. See its server load in the Azure portal, where it can also be rebooted.",
    ),
  },
  TTL_NOT_KEPT: {
    any: remedy(
      "Cached values would never expire: the server, or a proxy before it, ignores expiry. Check that this is Redis.",
    ),
  },
  VALUE_CHANGED: {
    any: remedy(
      "The app reads values that it did not write: the server, or a proxy before it, changes them. Disable the cache until the cause is found (REDIS_ENABLED=false).",
    ),
  },
  EVICTION_OFF: {
    any: remedy("When the cache is full, writes fail. Set maxmemory-policy to allkeys-lru."),
    docker: changedPolicy,
    native: changedPolicy,
    upstash: remedy("When the database is full, writes fail. Enable eviction.", repair),
  },
  MEMORY_HIGH: {
    any: remedy(`${NEEDS_ROOM} Or give the cache more memory.`),
    docker: moreLocalMemory(`${NEEDS_ROOM} Or give the cache more memory.`),
    native: moreLocalMemory(`${NEEDS_ROOM} Or give the cache more memory.`),
    upstash: grow("memory", NEEDS_ROOM, largestPlan),
    azure: grow("memory", NEEDS_ROOM, largestPlan),
    "azure-managed": grow("memory", NEEDS_ROOM, largestPlan),
  },
  HIT_RATE_LOW: {
    any: remedy(
      "Most look-ups find nothing. Use longer TTLs (CACHE_TTL_*) and keys that repeat. If keys are evicted, give the cache more memory.",
    ),
  },
  TOO_FEW_REQUESTS: {
    any: remedy("No action needed: the hit rate is judged after more use."),
  },
  RESPONSE_SLOW: {
    any: remedy("The server is slow, not the network. Look for slow commands (SLOWLOG GET) and high load."),
    azure: remedy(
      "The server is slow, not the network. See its server load in the Azure portal. C0 shares its core with other caches.",
    ),
  },
  PLAN_DIFFERS: {
    any: remedy(
      "The running cache differs from the config of the stack: the config was not deployed, or another user resized the cache.",
      repair,
    ),
  },
  APP_UNREACHABLE: {
    any: remedy(
      "The app is down or very slow, whatever the state of its cache. See the app's log.",
      onApp("log", "tail"),
      verify,
    ),
  },
  APP_CACHE_OFF: {
    any: remedy(
      "The app runs with its cache disabled. If this is not intended, enable it (REDIS_ENABLED=true).",
      enable,
      verify,
    ),
  },
  APP_NOT_USING_CACHE: {
    any: remedy(
      "The app has the settings and does not use this cache. Restart it. If that does not help, see its log, and check that its network can reach the cache.",
      onApp("restart"),
      verify,
    ),
  },
  SETTINGS_DIFFER: {
    any: remedy(
      "Another user or tool changed the app's cache settings, or an update did not finish.",
      carryOutOff,
      drift,
      repair,
    ),
  },
  SETTINGS_REMOVED: {
    any: remedy(
      "A tool that replaces all settings at once (Terraform app_settings, Bicep) removed these settings, and will do so again. Make it ignore them (lifecycle ignore_changes).",
      repair,
    ),
  },
  SECRET_REF_UNRESOLVED: {
    any: remedy(
      "The app cannot read the secret in its Key Vault. The app's managed identity requires the role \"Key Vault Secrets User\" on the vault, the vault must accept the app's network, and the secret must exist.",
    ),
  },
  APP_STOPPED: {
    any: remedy("The app is stopped. Its cache is not the cause. Start the app.", onApp("start"), verify),
  },
  CACHE_FAR: {
    any: remedy(
      "Each look-up takes the time of the distance between app and cache. Choose a region for the cache that is near the app.",
    ),
  },
  KEY_OLD: {
    any: remedy(
      "The secret of the cache is older than expect.keyMaxAgeDays. Give the cache a new one.",
      rotate,
    ),
  },
};
