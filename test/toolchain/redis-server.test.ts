// @module-tag pipeline
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PropiqError } from "../../base/errors.ts";
import { runChild } from "../../toolchain/child.ts";
import { projectRoot } from "../../toolchain/paths.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { lacks } from "../support/parts.ts";
import { aFolder, SYSTEM_PATH } from "./stand-in.ts";

describe("ensureRedisServer", () => {
  it("uses the server of the machine without a message", async () => {
    const lines: string[] = [];
    const found = await ensureRedisServer({
      install: "no",
      say: (line) => lines.push(line),
      env: process.env,
    });
    expect(found).toMatchObject({ source: "installed", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(lines).toEqual([]);
  });
});

const OVERLAY = join(import.meta.dirname, "overlay.sh");
const UNSHARE = ["--mount", "--pid", "--fork", "--kill-child"];

/** Runs a script as root in a throw-away copy of this machine. */
async function inACopy(script: string): Promise<string> {
  const words = [...UNSHARE, "sh", OVERLAY, await aFolder(), "sh", "-c", script];
  const end = await runChild("unshare", words, {
    stdio: "capture",
    env: { ...process.env, PATH: `${SYSTEM_PATH}:/usr/sbin:/sbin` },
  });
  expect(end, end.stderr).toMatchObject({ code: 0 });
  return end.stdout;
}

const hasCopies =
  process.platform === "linux" &&
  spawnSync("apt-get", ["--version"]).status === 0 &&
  spawnSync("unshare", [...UNSHARE, "sh", OVERLAY, "/mnt", "true"]).status === 0;

/** Prints what `ensureRedisServer` comes to, as JSON. */
function ensure(install: "yes" | "no"): string {
  const module = JSON.stringify(join(projectRoot, "toolchain", "redis-server.ts"));
  return `${process.execPath} --input-type=module-typescript -e '
    import { ensureRedisServer } from ${module};
    const wish = { install: "${install}", say: () => {}, env: process.env };
    const { message, hint, ...rest } = await ensureRedisServer(wish).catch((error) => error);
    console.log(JSON.stringify({ message, hint, ...rest }));'`;
}

/** The helper that asks a policy before it starts a service is refused in containers, as if there were no policy. */
const WITHOUT_REDIS = `rm -f /usr/sbin/policy-rc.d
  apt-get purge --yes redis-server redis-tools valkey-server valkey-tools >/dev/null 2>&1 || apt-get purge --yes redis-server redis-tools >/dev/null 2>&1`;

describe.skipIf(lacks("overlay mounts", hasCopies))("where there is no Redis server", () => {
  it("installs one with apt, and leaves its service neither running nor enabled", async () => {
    const said = await inACopy(`${WITHOUT_REDIS}
      ${ensure("yes")}
      for comm in /proc/[0-9]*/comm; do echo "runs $(cat $comm 2>/dev/null)"; done
      ls /etc/rc?.d /etc/systemd/system /etc/systemd/system/*.wants
      dpkg --audit && echo audited`);
    const [found = ""] = said.split("\n");
    expect(JSON.parse(found)).toMatchObject({ source: "apt", flavour: "redis" });
    expect(said).not.toMatch(/^runs redis/m);
    expect(said).not.toMatch(/^S\d\dredis|^redis.*\.service$/m);
    expect(said).toContain("audited");
  });

  it("installs nothing without confirmation, and says what to type", async () => {
    const said = await inACopy(`${WITHOUT_REDIS}\n${ensure("no")}\nls /usr/bin/redis-server || true`);
    const { message, hint } = JSON.parse(said) as PropiqError;
    expect(message).toContain("not installed without --install");
    expect(hint).toMatch(
      /apt-get install redis-server, dnf .*, apk .*, brew .*\n.*propiq-cache setup --install$/,
    );
  });
});
