/** Keeps a rehearsal on this machine: a network of its own where the system allows one, else a proxy that refuses. */
import { readFile } from "node:fs/promises";
import { runChild } from "../../toolchain/child.ts";

export type Isolation = "namespace" | "proxy";

export interface Confinement {
  isolation: Isolation;
  /** Put before a program to run it inside. */
  within: readonly string[];
}

const OPEN: Confinement = { isolation: "proxy", within: [] };
/** A new network namespace has its loopback down. */
const WITH_LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
/** For root, then for everyone: the kernel gives the rights over a network only in a user namespace of its own. */
const NAMESPACES = [
  ["unshare", "--net"],
  ["unshare", "--user", "--map-root-user", "--net"],
];

/** Tries what this system allows. */
export async function confine(env: NodeJS.ProcessEnv): Promise<Confinement> {
  if (process.platform !== "linux") return OPEN;
  for (const namespace of NAMESPACES) {
    const [program = "", ...words] = [...namespace, ...WITH_LOOPBACK];
    const tried = await runChild(program, [...words, "true"], { stdio: "capture", env }).catch(
      () => undefined,
    );
    if (tried?.code === 0) return { isolation: "namespace", within: [program, ...words] };
  }
  return OPEN;
}

/** Counts what tried to leave the loopback. */
export interface Watch {
  /** `host:port` of each attempt since the last call; `somewhere` where only the system noticed. */
  attempts(): Promise<string[]>;
}

/**
 * @param file where our own programs write their attempts
 * @param refusedHosts of the proxy, which grows
 */
export function watchAttempts(isolation: Isolation, file: string, refusedHosts: readonly string[]): Watch {
  const seen = { file: 0, proxy: 0, system: 0 };
  return {
    async attempts() {
      const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
      const named = [...lines.slice(seen.file), ...refusedHosts.slice(seen.proxy)];
      const system = isolation === "namespace" ? await packetsWithoutRoute() : 0;
      const unnamed = named.length === 0 && system > seen.system ? ["somewhere"] : [];
      Object.assign(seen, { file: lines.length, proxy: refusedHosts.length, system });
      return [...new Set([...named, ...unnamed])];
    },
  };
}

/** Of all programs in this network: what they sent to an address that no route leads to (proc(5), /proc/net/snmp). */
async function packetsWithoutRoute(): Promise<number> {
  const [ipv4, ipv6] = await Promise.all(
    ["snmp", "snmp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  const [names = "", values = ""] = (ipv4 ?? "").split("\n").filter((line) => line.startsWith("Ip:"));
  const at = names.split(" ").indexOf("OutNoRoutes");
  const of4 = Number(values.split(" ")[at] ?? 0);
  const of6 = Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(ipv6 ?? "")?.[1] ?? 0);
  return (at < 0 ? 0 : of4) + of6;
}
