import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createServer as createSocketServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { archiveName, downloadCli } from "../../toolchain/download-cli.ts";
import { whyUnreachable } from "../../toolchain/reachable.ts";
import { aFolder, aListener, aProgram } from "./stand-in.ts";

const VERSION = "3.259.0";

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Release {
  /** In place of the archive's own. */
  checksum?: string;
  /** What the CLI in the archive does. */
  script?: string;
  status?: number;
}

/** A release of Pulumi in little: an archive, and the list of checksums beside it. */
async function aRelease({ checksum, script = `echo v${VERSION}`, status = 200 }: Release = {}) {
  const folder = await aFolder();
  const name = archiveName(VERSION);
  await aProgram(join(folder, "pulumi", "pulumi"), script);
  execFileSync("tar", ["-czf", join(folder, name), "-C", folder, "pulumi"]);
  const archive = await readFile(join(folder, name));
  const sum = checksum ?? createHash("sha512").update(archive).digest("hex");
  const list = `${"0".repeat(128)}  pulumi-v${VERSION}-plan9-x64.tar.gz\n${sum}  ${name}\n`;
  const url = await listening(
    createServer(({ url: path = "" }, response) => {
      response.writeHead(status).end(path.endsWith("SHA512SUMS") ? list : archive);
    }),
  );
  return { archives: url, checksums: `${url}/SHA512SUMS` };
}

describe("downloadCli", () => {
  it("puts a verified CLI where the npm package looks for it", async () => {
    const home = await aFolder();
    const { say, lines } = aListener();
    const result = await downloadCli({
      home,
      version: VERSION,
      env: process.env,
      say,
      ...(await aRelease()),
    });
    const bin = join(home, "versions", VERSION, "bin", "pulumi");
    expect(result).toEqual({ bin });
    expect(await readFile(bin, "utf8")).toContain(`v${VERSION}`);
    expect(await readdir(join(home, "versions"))).toEqual([VERSION]);
    expect(lines).toEqual(["Downloading the Pulumi CLI 3.259.0"]);
  });

  it.each<[string, Release, RegExp]>([
    ["whose checksum is wrong", { checksum: "a".repeat(128) }, /the checksum of pulumi-v\S+ is wrong$/],
    ["that the list does not name", { checksum: "none" }, /the list of checksums does not name pulumi-v/],
    ["whose CLI does not run", { script: "exit 1" }, /the CLI does not run$/],
  ])("leaves nothing of an archive %s, and says why", async (_, release, why) => {
    const home = await aFolder();
    const marker = join(home, "ran");
    const given = { script: `touch ${marker}; echo v${VERSION}`, ...release };
    const result = await downloadCli({
      ...{ home, version: VERSION, env: process.env, say: () => {} },
      ...(await aRelease(given)),
    });
    expect(result).toEqual({ why: expect.stringMatching(why) });
    expect(existsSync(marker)).toBe(false);
    expect(await readdir(join(home, "versions"))).toEqual([]);
  });

  it("does not start where the host refuses", async () => {
    const home = await aFolder();
    const release = await aRelease({ status: 403 });
    const result = await downloadCli({ home, version: VERSION, env: process.env, say: () => {}, ...release });
    expect(result).toEqual({ why: expect.stringMatching(/^127\.0\.0\.1:\d+ answered HTTP 403$/) });
    expect(existsSync(join(home, "versions"))).toBe(false);
  });
});

describe("whyUnreachable", () => {
  it("stops waiting for a host that does not answer", async () => {
    const url = await listening(createSocketServer(() => {}));
    expect(await whyUnreachable(url, 100)).toMatch(/did not answer within 0.1 seconds$/);
  });

  it("names the system's reason when the connection fails", async () => {
    const server = createSocketServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await whyUnreachable(url)).toMatch(/cannot be reached \(ECONNREFUSED\)$/);
  });
});
