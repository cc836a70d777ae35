/** What to do about each fault, where the cache runs: always ends in the next command to type. */
import type { Code } from "../report.ts";
import type { Provider, Subject } from "../subject.ts";
import { endpointOf } from "../target.ts";
import { advise, bringUp, introduce, putRight, setConfig, stackOf, verify, webapp } from "./commands.ts";
import { BY_USE, type Growth, MORE_CONNECTIONS, MORE_MEMORY } from "./growth.ts";
import { providerOfHost } from "./provider-of-host.ts";

type Say = (subject: Subject) => string;
/** `any` holds where no provider has words of its own. */
type Row = { any: Say } & Partial<Record<Provider, Say>>;

/** @returns what to do next, for this cache */
export function hintFor(code: Code, subject: Subject): string {
  const row: Row = HINTS[code];
  const provider = subject.provider ?? providerOfHost(subject.target?.host);
  return ((provider && row[provider]) ?? row.any)(subject);
}

const endpoint: Say = ({ target }) => (target === undefined ? "the cache" : endpointOf(target));
/** The first label of an Azure host is the resource's name. */
const azureName: Say = ({ target }) => target?.host.split(".")[0] ?? "NAME";
/** As `docker logs` and `docker exec` take it: found by our mark on it where its name is not known. */
const container: Say = ({ cacheName, stack = "dev" }) =>
  cacheName ?? `$(docker ps -alq --filter label=propiq-cache.stack=${stack})`;

const startAgain =
  (words: string | Say): Say =>
  (subject) =>
    `${saidOf(words, subject)} ${introduce(subject, "Start it again")} ${bringUp(subject)}`;
const thenVerify =
  (words: string | Say): Say =>
  (subject) =>
    `${saidOf(words, subject)} ${introduce(subject, "Then check again")} ${verify(subject)}`;
/** Where something else was changed than the stack's config. */
const thenUp =
  (words: string | Say): Say =>
  (subject) =>
    `${saidOf(words, subject)} ${introduce(subject, "Then")} ${putRight(subject)}`;
const thenDeploy =
  (words: string): Say =>
  (subject) =>
    `${words} ${introduce(subject, "Then")} ${bringUp(subject)}`;
/** @param end what to say where no plan is larger */
const grow =
  (words: string, growth: Growth, end: Say): Say =>
  (subject) => {
    const plan = growth[subject.plan ?? ""];
    if (subject.stack === undefined)
      return thenVerify(`${words} A larger plan helps, too, where its plan is chosen.`)(subject);
    return plan === undefined
      ? `${words} ${end(subject)}`
      : `${words} ${introduce(subject, "A larger plan")} ${setConfig(subject, `plan ${plan}`)}, then ${bringUp(subject)}`;
  };
const noLarger: Say = (subject) =>
  `No plan of this cloud holds more: ${introduce(subject, "which keys take the room")} ${advise(subject)}`;
const asLarge: Say = (subject) =>
  `Its limit is as high as it gets. ${introduce(subject, "Then check again")} ${verify(subject)}`;

const inWords = (command: string | undefined): string => (command === undefined ? "" : ` (${command})`);
/** What would be written over. */
const byKey: Say = (subject) => {
  const stack = stackOf(subject);
  return stack === undefined
    ? ""
    : ` Each key is named by npx propiq-cache drift --stack ${stack}, which changes nothing.`;
};

function saidOf(words: string | Say, subject: Subject): string {
  return typeof words === "string" ? words : words(subject);
}

const azureNetwork = thenVerify(
  (subject) =>
    `Azure lets in only whom the cache's network settings allow: is this machine's address in azure.network.allowedIps, or is it in the virtual network of the private endpoint? Azure Cache for Redis speaks TLS on port 6380 (here: ${endpoint(subject)}).`,
);
const managedNetwork = thenVerify(
  (subject) =>
    `Azure Managed Redis has no firewall rules: with azure.network.access private only the virtual network of its private endpoint gets in. Its port is 10000 (here: ${endpoint(subject)}).`,
);
const upstashNetwork = thenVerify(
  "Upstash listens on port 6379 with TLS; paid plans may have a list of allowed addresses. See the database's page in Upstash's console, and whether this machine may reach that port.",
);
const localDown = {
  docker: startAgain("The container is not running, or does not publish that port."),
  native: startAgain("The redis-server of this project is not running."),
} satisfies Partial<Record<Provider, Say>>;

const dropped = {
  any: thenVerify(
    "A firewall on the way drops the connection, or the host is down. Try from where the app runs.",
  ),
  docker: startAgain("The container does not answer."),
  native: startAgain("The redis-server does not answer."),
  azure: azureNetwork,
  "azure-managed": managedNetwork,
  upstash: upstashNetwork,
} satisfies Row;

const certificate = thenVerify(
  "Somebody may stand in between (a proxy that opens TLS), or the server has another certificate than it should. Where the authority is your company's own, name its file in NODE_EXTRA_CA_CERTS.",
);
const hostName = thenVerify(
  (subject) =>
    `Use the very name that the provider shows, not an address or an alias (here: ${endpoint(subject)}).`,
);
const azureKeys = (question: Say): Say =>
  thenUp(
    (subject) =>
      `The key is not, or no longer, one of the cache's: after a rotation the settings must be written again. Access keys may also be switched off: ${question(subject)}.`,
  );
/** The database is named by its own id, which needs no extension of the CLI. */
const managedKeysAreOn: Say = (subject) =>
  `az resource show --ids "$(az resource list --resource-type Microsoft.Cache/redisEnterprise --query "[?name=='${azureName(subject)}'].id" -o tsv)/databases/default" --query properties.accessKeysAuthentication -o tsv must say Enabled`;
const azureKeysAreOn: Say = (subject) =>
  `az redis list --query "[?name=='${azureName(subject)}'].disableAccessKeyAuthentication" -o tsv must say false`;

const HINTS: Readonly<Record<Code, Row>> = {
  DNS_NOT_FOUND: {
    any: thenVerify("Is the host spelled right? Right after a create, names take minutes to be known."),
    upstash: thenVerify(
      "Upstash archives free databases that nobody uses, and their names go: restore it in Upstash's console. After a create, names take a minute.",
    ),
    azure: thenUp(
      "The cache was deleted or renamed, its name (….redis.cache.windows.net) is misspelled, or it is reached by a private endpoint whose DNS zone this machine does not see.",
    ),
    "azure-managed": thenUp(
      "The cache was deleted or renamed, its name (….redis.azure.net) is misspelled, or it is reached by a private endpoint whose DNS zone this machine does not see.",
    ),
  },
  DNS_UNAVAILABLE: {
    any: thenVerify("This machine's DNS does not work: is it on a network, and is its DNS server up?"),
  },
  TCP_REFUSED: {
    any: thenVerify(
      (subject) => `Nothing listens on ${endpoint(subject)}: is the server up, and is that its port?`,
    ),
    ...localDown,
    azure: thenUp(
      (subject) =>
        `Nothing accepts connections on ${endpoint(subject)}: the cache was deleted, is still being created, or a firewall rejects this machine (az redis list --query "[?name=='${azureName(subject)}'].provisioningState" -o tsv must say Succeeded).`,
    ),
    "azure-managed": thenUp(
      (subject) =>
        `Nothing accepts connections on ${endpoint(subject)}: the cache was deleted, is still being created, or a firewall rejects this machine (az resource list --name ${azureName(subject)} --query "[].provisioningState" -o tsv must say Succeeded).`,
    ),
    upstash: upstashNetwork,
  },
  TCP_TIMEOUT: dropped,
  UNREACHABLE: {
    ...dropped,
    any: thenVerify(
      "This machine has no way to that address: is it online, in the right network or VPN, and is the address right?",
    ),
  },
  CONNECTION_RESET: {
    any: thenVerify(
      "The server, or something in between, hangs up: a firewall, a limit of connections, a restart going on. See the server's log.",
    ),
    docker: startAgain(
      (subject) => `The container is restarting or broken: docker logs ${container(subject)} says why.`,
    ),
    native: startAgain("The redis-server is ending or broken; its log says why."),
    azure: azureNetwork,
    "azure-managed": managedNetwork,
    upstash: thenVerify(
      "Upstash closes idle connections, and all of them for a second or two when a plan changes; a database that is suspended stays closed: see Upstash's console.",
    ),
  },
  TLS_HANDSHAKE: {
    any: thenVerify(
      "Server and client agree on no TLS: it may ask for a client certificate, or speak only versions before 1.2.",
    ),
    azure: thenVerify("Azure Cache for Redis speaks TLS 1.2 or newer on port 6380 only."),
    "azure-managed": thenVerify("Azure Managed Redis speaks TLS 1.2 or newer on port 10000."),
  },
  TLS_EXPIRED: {
    any: thenVerify(
      "The certificate's time is over, or has not begun: renew it, or set this machine's clock.",
    ),
  },
  TLS_UNTRUSTED: { any: certificate },
  TLS_HOSTNAME: { any: hostName },
  TLS_NOT_OFFERED: {
    any: thenVerify("Write redis:// instead of rediss:// (REDIS_TLS=false), or use the server's TLS port."),
    docker: thenUp("Local caches speak no TLS: the settings are not this stack's."),
    native: thenUp("Local caches speak no TLS: the settings are not this stack's."),
    azure: thenVerify("On Azure Cache for Redis TLS is on port 6380; 6379 is the plain one."),
  },
  TLS_REQUIRED: {
    any: thenVerify("Write rediss:// instead of redis:// (REDIS_TLS=true)."),
    upstash: thenUp("Upstash speaks TLS only: the URL must begin with rediss://, two s."),
    azure: thenUp("Port 6380 speaks TLS only: the URL must begin with rediss://, two s."),
    "azure-managed": thenUp("Azure Managed Redis speaks TLS only: the URL must begin with rediss://, two s."),
  },
  NOT_REDIS: {
    any: thenVerify(
      (subject) => `Something other than Redis listens on ${endpoint(subject)}: check host and port.`,
    ),
    docker: (subject) =>
      `Another program has taken the port. End it, or choose another: ${setConfig(subject, "port 6390")}, then ${bringUp(subject)}`,
    native: (subject) =>
      `Another program has taken the port. End it, or choose another: ${setConfig(subject, "port 6390")}, then ${bringUp(subject)}`,
  },
  PROTOCOL_ERROR: {
    any: thenVerify(
      "Something between here and the server (a proxy, a load balancer) spoils the traffic. Try without it.",
    ),
  },
  PROTECTED_MODE: {
    any: thenVerify(
      "The server takes only its own machine's connections, since it has no password: give it one (requirepass), or bind it to the address that it is to serve.",
    ),
  },
  AUTH_REQUIRED: {
    any: thenVerify(
      "The server wants a password and the settings have none: set REDIS_PASSWORD, or put it into REDIS_URL.",
    ),
    docker: thenUp("The server on that port has a password; the one of this project has none."),
    native: thenUp("The server on that port has a password; the one of this project has none."),
    azure: thenUp("The settings lack the access key."),
    "azure-managed": thenUp("The settings lack the access key."),
    upstash: thenUp("The settings lack the database's password."),
  },
  AUTH_WRONG: {
    any: thenVerify(
      "Password or user name is wrong, or the server has none and needs none. In a URL the password is percent-encoded and stands behind a colon: rediss://:PASSWORD@host (without the colon it would be a user's name).",
    ),
    docker: thenUp("The settings are not this stack's, or another Redis has its port."),
    native: thenUp("The settings are not this stack's, or another Redis has its port."),
    upstash: thenUp("The password was reset in Upstash's console, or is another database's."),
    azure: azureKeys(azureKeysAreOn),
    "azure-managed": azureKeys(managedKeysAreOn),
  },
  AUTH_FORBIDDEN: {
    any: thenVerify(
      "The user's ACL lacks a command or keys. The check uses PING, SET, GET, PTTL, DEL, EXISTS and INFO, and keys under propiq-cache:check:.",
    ),
  },
  ACCESS_KEYS_DISABLED: {
    any: thenVerify(
      "The server takes no access keys or passwords, and the app signs in with one: switch them on, or ask who switched them off.",
    ),
    azure: thenUp(
      (subject) =>
        `The cache takes no access keys (only Entra ID), and the app signs in with one. Somebody, or a policy of the company, switched them off: ${azureKeysAreOn(subject)}.`,
    ),
    "azure-managed": thenUp(
      (subject) =>
        `The cache takes no access keys (only Entra ID), and the app signs in with one. Somebody, or a policy of the company, switched them off: ${managedKeysAreOn(subject)}.`,
    ),
  },
  DB_INDEX: {
    any: thenVerify("The server has no database of that number: use 0."),
    upstash: thenVerify("Upstash has database 0 only: end REDIS_URL in /0 (REDIS_DB=0)."),
    "azure-managed": thenVerify("Azure Managed Redis has database 0 only: end REDIS_URL in /0 (REDIS_DB=0)."),
  },
  LOADING: { any: thenVerify("The server is reading its data from disk, which ends by itself.") },
  READONLY: {
    any: thenVerify(
      "This is a replica, which takes no writes: use the primary's address. During a failover it passes within a minute.",
    ),
    docker: startAgain("Somebody made this container a replica (REPLICAOF)."),
    native: startAgain("Somebody made this server a replica (REPLICAOF)."),
  },
  MISCONF: {
    any: thenVerify(
      "The server could not save its data and so refuses writes: is its disk full or not writable? Its log says which.",
    ),
    docker: startAgain("Redis could not save its data: free disk space for Docker (docker system df)."),
    native: startAgain("Redis could not save its data: is the disk full? (df -h)"),
  },
  OUT_OF_MEMORY: {
    any: thenVerify(
      "The cache is full and evicts nothing: set an eviction policy such as allkeys-lru, or give it more memory.",
    ),
    docker: (subject) => `More room: ${setConfig(subject, "maxMemoryMb 200")}, then ${bringUp(subject)}`,
    native: (subject) => `More room: ${setConfig(subject, "maxMemoryMb 200")}, then ${bringUp(subject)}`,
    upstash: grow("The cache is full and evicts nothing.", MORE_MEMORY, noLarger),
    azure: grow("The cache is full and evicts nothing.", MORE_MEMORY, noLarger),
    "azure-managed": grow("The cache is full and evicts nothing.", MORE_MEMORY, noLarger),
  },
  MAX_CLIENTS: {
    any: thenVerify(
      "The server has as many connections as it takes: which app opens them without closing them? Restart that one, or raise maxclients.",
    ),
    docker: startAgain("Some app opens connections without closing them: restart that app."),
    native: startAgain("Some app opens connections without closing them: restart that app."),
    upstash: thenVerify(
      "The plan's connections are used up: restart the app that opens them without closing them, or take a larger plan.",
    ),
    azure: grow(
      "The plan's connections are used up: restart the app that opens them without closing them.",
      MORE_CONNECTIONS,
      asLarge,
    ),
    "azure-managed": thenVerify(
      "The plan's connections are used up: restart the app that opens them without closing them.",
    ),
  },
  CLUSTER_MOVED: {
    any: thenVerify(
      "The server is part of a cluster, and the app's clients know nothing of clusters: use one that is not.",
    ),
    "azure-managed": thenUp(
      "The database has the clustering policy OSSCluster; plain clients need NoCluster, which can only be chosen when it is made.",
    ),
  },
  CLUSTER_DOWN: {
    any: thenVerify(
      "The cluster serves no keys: nodes are down or slots are not assigned (redis-cli CLUSTER INFO).",
    ),
  },
  MASTER_DOWN: {
    any: thenVerify(
      "This is a replica that has lost its primary: use the primary's address, or wait for the failover.",
    ),
  },
  BUSY_SCRIPT: {
    any: thenVerify(
      "A Lua script blocks the server. End it, if it has written nothing: redis-cli SCRIPT KILL.",
    ),
    docker: thenVerify(
      (subject) =>
        `A Lua script blocks the server. End it: docker exec ${container(subject)} redis-cli SCRIPT KILL.`,
    ),
    azure: thenVerify(
      "A Lua script blocks the server: run SCRIPT KILL in the portal's console of the cache, or reboot it there.",
    ),
  },
  QUOTA_EXCEEDED: {
    any: thenVerify("The provider's allowance is used up: wait until it is renewed, or take a larger plan."),
    upstash: grow(
      "The plan's allowance of commands, data or traffic is used up.",
      BY_USE,
      thenDeploy("On pay as you go that is the budget: raise upstash.budget in the stack's config."),
    ),
  },
  REDIS_ERROR: {
    any: thenVerify(
      "Redis refuses the command for a reason of its own; its words are above, its log may say more.",
    ),
  },
  TIMEOUT: {
    any: thenVerify(
      "The server takes connections but does not answer: is it overloaded or stopped? Longer patience: --deadline 30.",
    ),
    docker: startAgain((subject) => `The container hangs: docker logs ${container(subject)} may say why.`),
    native: startAgain("The redis-server hangs or was stopped (a SIGSTOP)."),
    azure: thenVerify(
      "The cache does not answer: see the server load in Azure's portal, where it can also be rebooted.",
    ),
  },
  TTL_NOT_KEPT: {
    any: thenVerify(
      "What the app caches would never end: something between here and Redis does not honour expiry. Is this really Redis?",
    ),
  },
  VALUE_CHANGED: {
    any: thenVerify(
      "The app would read what it has not written: something between here and Redis changes values. Take the cache off until it is found: REDIS_ENABLED=false.",
    ),
  },
  EVICTION_OFF: {
    any: thenVerify("When the cache is full, writes will fail: set maxmemory-policy to allkeys-lru."),
    docker: thenUp("When the cache is full, writes will fail: somebody changed its policy."),
    native: thenUp("When the cache is full, writes will fail: somebody changed its policy."),
    upstash: thenUp("When the database is full, writes will fail: switch eviction on."),
  },
  MEMORY_HIGH: {
    any: thenVerify(
      "Soon the cache evicts what is still of use, or refuses writes: shorter TTLs, or more memory.",
    ),
    docker: (subject) =>
      `Shorter TTLs, or more room: ${setConfig(subject, "maxMemoryMb 200")}, then ${bringUp(subject)}`,
    native: (subject) =>
      `Shorter TTLs, or more room: ${setConfig(subject, "maxMemoryMb 200")}, then ${bringUp(subject)}`,
    upstash: grow("Shorter TTLs, or more room.", MORE_MEMORY, noLarger),
    azure: grow("Shorter TTLs, or more room.", MORE_MEMORY, noLarger),
    "azure-managed": grow("Shorter TTLs, or more room.", MORE_MEMORY, noLarger),
  },
  HIT_RATE_LOW: {
    any: thenVerify(
      "Most look-ups find nothing: longer TTLs (CACHE_TTL_*), keys that repeat, more memory if keys are evicted.",
    ),
  },
  TOO_FEW_REQUESTS: { any: thenVerify("Nothing to do: the rate means something only after more use.") },
  RESPONSE_SLOW: {
    any: thenVerify(
      "The server itself is slow, not the network: look for slow commands (redis-cli SLOWLOG GET) and high load.",
    ),
    azure: thenVerify(
      "The server itself is slow, not the network: see the server load in Azure's portal; C0 shares its core.",
    ),
  },
  PLAN_DIFFERS: {
    any: thenUp(
      "What runs is not what the stack says: deploy it, or somebody has resized the cache by hand.",
    ),
  },
  APP_UNREACHABLE: {
    any: thenVerify(
      (subject) =>
        `The app itself is down or very slow, whatever its cache does: see its log${inWords(webapp(subject, "log tail"))}.`,
    ),
  },
  APP_CACHE_OFF: {
    any: (subject) =>
      stackOf(subject) === undefined
        ? thenVerify("The app runs with its cache off: set REDIS_ENABLED to true where it runs.")(subject)
        : `The app runs with its cache off. ${introduce(subject, "Was that not meant to be")} npx propiq-cache on --stack ${stackOf(subject)}, then ${verify(subject)}`,
  },
  APP_NOT_USING_CACHE: {
    any: thenVerify(
      (subject) =>
        `The app has the settings and does not use this cache: restart it${inWords(webapp(subject, "restart"))}, then see its log for why it cannot connect; does its network let it reach the cache?`,
    ),
  },
  SETTINGS_DIFFER: {
    any: thenUp(
      (subject) =>
        `Somebody has edited the app's cache settings, or an update was not finished.${byKey(subject)}`,
    ),
  },
  SETTINGS_REMOVED: {
    any: thenUp(
      "A tool that replaces all settings at once (Terraform app_settings, Bicep) has written them without these, and will again: have it ignore them (lifecycle ignore_changes).",
    ),
  },
  SECRET_REF_UNRESOLVED: {
    any: thenVerify(
      'The app cannot read the secret in its Key Vault: its managed identity needs the role "Key Vault Secrets User" there, the vault\'s network must let it in, and the secret must exist.',
    ),
  },
  APP_STOPPED: {
    any: thenVerify(
      (subject) =>
        `The app is stopped; its cache is not the cause. Start it${inWords(webapp(subject, "start"))}.`,
    ),
  },
  CACHE_FAR: {
    any: thenVerify(
      "Each look-up pays for the way from the app to the cache: choose a region for the cache that is near the app.",
    ),
  },
};
