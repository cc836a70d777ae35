/** Who runs a cache of which only the address is known. */
import type { Provider } from "../subject.ts";

/** How the hosts of the clouds end; of Azure also in its clouds of governments and of China. */
const ENDS: readonly (readonly [RegExp, Provider])[] = [
  [/\.upstash\.io$/i, "upstash"],
  [/\.redis\.cache\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/i, "azure"],
  [/\.redis(enterprise\.cache)?\.azure\.(net|us|cn)$/i, "azure-managed"],
];

export function providerOfHost(host: string | undefined): Provider | undefined {
  return host === undefined ? undefined : ENDS.find(([end]) => end.test(host))?.[1];
}
