/** `docs/troubleshooting.md`: every code of the check with what to do, from the fault table. */
import { hintFor } from "../../check/faults/hints.ts";
import { CODES, type Code } from "../../check/report.ts";
import type { Provider, Subject } from "../../check/subject.ts";

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
  },
  azure: {
    title: "Azure Cache",
    ...example("name.redis.cache.windows.net", 6380, "azure"),
    plan: "azure-c0",
  },
  "azure-managed": {
    title: "Azure Managed Redis",
    ...example("name.eastus.redis.azure.net", 10_000, "azure-managed"),
    plan: "azure-managed-b0",
  },
};

function example(host: string, port: number, provider: Provider, stack = "prod"): Subject {
  return {
    enabled: true,
    stack,
    provider,
    target: { host, port, tls: provider !== "docker" && provider !== "native", db: 0 },
  };
}

export function troubleshootingPage(): string {
  return `# What the check says, and what to do

<!-- Generated from check/faults/hints.ts by \`npm run format\`. -->

\`npx propiq-cache verify --stack prod\` prints one of these codes with the line that fits your plan. Is the app down
for its users because of the cache, switch the cache off first, and look for the cause then:

\`\`\`sh
npx propiq-cache off --stack prod
\`\`\`

After each step check again: \`npx propiq-cache verify --stack prod\`.

${CODES.map(section).join("\n")}`;
}

function section(code: Code): string {
  const common = withoutCommand(hintFor(code, EXAMPLES.external));
  const own = Object.values(EXAMPLES)
    .map((subject) => ({ title: subject.title, hint: withoutCommand(hintFor(code, subject)) }))
    .filter(({ title, hint }) => title !== EXAMPLES.external.title && hint !== common);
  const lines = own.map(({ title, hint }) => `- **${title}**: ${hint}\n`);
  return `## ${code}\n\n${common}\n${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}

/** The page's head says how to check again; hints that differ only in the command at their end say the same. */
function withoutCommand(hint: string): string {
  return hint.replace(/ Then check again(, with PULUMI_CONFIG_PASSPHRASE set)?: npx propiq-cache .*$/, "");
}
