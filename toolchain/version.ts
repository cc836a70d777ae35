/** Versions of the tools, as far as choosing one needs them. */
import packageJson from "../package.json" with { type: "json" };

/** The CLI's version that the project is tried with: the npm package `pulumi` carries the same number. */
export const PULUMI_VERSION = packageJson.dependencies.pulumi;

type Parts = readonly [major: number, minor: number, patch: number];

function parts(version: string): Parts | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Whether `version` (text around it is passed over) is `wanted` or newer. False for what holds no version. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = parts(version);
  const want = parts(wanted);
  if (have === undefined || want === undefined) return false;
  const differing = have.findIndex((part, index) => part !== want[index]);
  return differing === -1 || (have[differing] ?? 0) > (want[differing] ?? 0);
}

/** Whether two versions have the same first number, so that neither breaks what the other wrote. */
export function sameMajor(one: string, other: string): boolean {
  return parts(one)?.[0] === parts(other)?.[0];
}
