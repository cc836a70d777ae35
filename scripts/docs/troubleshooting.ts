/** `docs/troubleshooting.md`: every code of the check with what to do, from the fault table. */
import { commandLine } from "../../base/command.ts";
import { adviceFor } from "../../check/faults/advice.ts";
import { escapeMarkdown } from "../../check/render/markdown-text.ts";
import { CODES, type Code } from "../../check/report.ts";
import type { Provider, Subject } from "../../check/subject.ts";
import { largerPlans } from "../../infra/plans/catalogue.ts";

/** What people see first, and the codes that may stand behind it. Each code is somewhere. */
export const SYMPTOMS: Readonly<Record<string, readonly Code[]>> = {
  "requests hang, or time out": ["TIMEOUT", "TCP_TIMEOUT", "TLS_NOT_OFFERED", "TLS_REQUIRED", "BUSY_SCRIPT"],
  "right after it was made": ["DNS_NOT_FOUND", "LOADING", "TOO_FEW_REQUESTS"],
  "nothing answers at its address": [
    ...(["DNS_NOT_FOUND", "DNS_UNAVAILABLE", "TCP_REFUSED", "TCP_TIMEOUT", "UNREACHABLE"] as const),
    ...(["CONNECTION_RESET", "NOT_REDIS", "PROTOCOL_ERROR"] as const),
  ],
  "NOAUTH, WRONGPASS, NOPERM, DENIED": [
    ...(["AUTH_REQUIRED", "AUTH_WRONG", "AUTH_FORBIDDEN", "ACCESS_KEYS_DISABLED", "PROTECTED_MODE"] as const),
  ],
  "certificate or handshake errors": [
    ...(["TLS_HANDSHAKE", "TLS_EXPIRED", "TLS_UNTRUSTED", "TLS_HOSTNAME"] as const),
    ...(["TLS_NOT_OFFERED", "TLS_REQUIRED"] as const),
  ],
  "OOM, READONLY, MISCONF: writes fail": [
    ...(["OUT_OF_MEMORY", "EVICTION_OFF", "READONLY", "MISCONF", "MASTER_DOWN"] as const),
  ],
  "MOVED, CLUSTERDOWN, other errors of Redis": ["CLUSTER_MOVED", "CLUSTER_DOWN", "DB_INDEX", "REDIS_ERROR"],
  "max requests limit, max number of clients": ["QUOTA_EXCEEDED", "MAX_CLIENTS"],
  "it works, and the app is not faster": [
    "HIT_RATE_LOW",
    "RESPONSE_SLOW",
    "CACHE_FAR",
    "MEMORY_HIGH",
    "EVICTION_OFF",
  ],
  "old or wrong values": ["TTL_NOT_KEPT", "VALUE_CHANGED"],
  "the cache is well, and the app does not use it": [
    ...(["APP_NOT_USING_CACHE", "APP_CACHE_OFF", "SETTINGS_DIFFER", "SETTINGS_REMOVED"] as const),
    ...(["SECRET_REF_UNRESOLVED", "APP_UNREACHABLE", "APP_STOPPED"] as const),
  ],
  "what runs is not what the config says": ["PLAN_DIFFERS", "SETTINGS_DIFFER"],
  "the secret is old": ["KEY_OLD"],
};

/** One cache of each kind, in the words of the commands that the page shows. */
const EXAMPLES: Readonly<Record<Provider, Subject & { title: string }>> = {
  external: { title: "any Redis", ...example("cache.example.com", 6379, "external") },
  docker: {
    title: "Docker",
    ...example("127.0.0.1", 6379, "docker", "dev"),
    cacheName: "propiq-redis",
  },
  native: { title: "redis-server here", ...example("127.0.0.1", 6379, "native", "native") },
  upstash: {
    title: "Upstash",
    ...example("name.upstash.io", 6379, "upstash"),
    plan: "upstash-free",
    largerPlans: largerPlans("upstash-free"),
  },
  azure: {
    title: "Azure Cache",
    ...example("name.redis.cache.windows.net", 6380, "azure"),
    plan: "azure-c0",
    largerPlans: largerPlans("azure-c0"),
  },
  "azure-managed": {
    title: "Azure Managed Redis",
    ...example("name.eastus.redis.azure.net", 10_000, "azure-managed"),
    plan: "azure-managed-b0",
    largerPlans: largerPlans("azure-managed-b0"),
  },
};

function example(host: string, port: number, provider: Provider, stack = "prod"): Subject {
  return {
    enabled: true,
    stack,
    provider,
    target: { host, port, tls: provider !== "docker" && provider !== "native", db: 0 },
    ...(stack === "prod" ? { apps: [{ name: "luntra-outreach-app", resourceGroup: "propiq-rg" }] } : {}),
  };
}

export function troubleshootingPage(): string {
  return `# Troubleshooting

<!-- Generated from check/faults/remedies.ts by \`npm run format\`. -->

The check prints a code and the line for your plan. Codes of commands that could not run are in
[Error codes](errors.md). If users are affected right now, begin with
[Incidents](incidents.md). Check again after each step:

\`\`\`sh
./propiq-cache verify --stack prod --app
\`\`\`

Commands on stack \`prod\` require \`PULUMI_CONFIG_PASSPHRASE\`. To send a command of Redis such as \`SLOWLOG GET\`, use
\`redis-cli -u "$REDIS_URL" SLOWLOG GET\`.

| what you see | look at |
| --- | --- |
${Object.entries(SYMPTOMS).map(symptom).join("\n")}

${CODES.map(section).join("\n")}`;
}

function symptom([words, codes]: [string, readonly Code[]]): string {
  return `| ${words} | ${codes.map((code) => `[${code}](#${code.toLowerCase()})`).join(", ")} |`;
}

function section(code: Code): string {
  const common = remedyOf(code, EXAMPLES.external);
  const own = Object.values(EXAMPLES)
    .filter(({ stack }) => stack === "prod" || !/^(APP|SETTINGS)_/.test(code))
    .map((subject) => ({ title: subject.title, hint: remedyOf(code, subject) }))
    .filter(({ title, hint }) => title !== EXAMPLES.external.title && hint !== common);
  const lines = own.map(({ title, hint }) => `- **${title}**: ${hint}\n`);
  return `## ${code}\n\n${common}\n${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}

/** Without the check itself, which the head of the page shows. */
function remedyOf(code: Code, subject: Subject): string {
  const { say, run = [] } = adviceFor(code, subject);
  const commands = run.filter(({ words }) => words[1] !== "verify").map((each) => `\`${commandLine(each)}\``);
  return [escapeMarkdown(say), ...(commands.length === 0 ? [] : [`Run: ${commands.join(", then ")}`])].join(
    " ",
  );
}
