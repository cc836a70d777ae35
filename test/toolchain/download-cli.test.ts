import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createServer as createSocketServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { downloadCli } from "../../toolchain/download-cli.ts";
import { whyUnreachable } from "../../toolchain/reachable.ts";
import { aFolder, aListener } from "./stand-in.ts";

const VERSION = "3.259.0";

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/install.sh`;
}

const answering = (status: number) =>
  listening(createServer((_request, response) => response.writeHead(status).end()));

/** The npm package's program, in little: puts a CLI into PULUMI_HOME, then runs it. */
async function aWrapper(folder: string, { breaks = false } = {}): Promise<string> {
  const file = join(folder, "run.cjs");
  await writeFile(
    file,
    `const { mkdirSync, writeFileSync } = require("node:fs");
     const bin = process.env.PULUMI_HOME + "/versions/" + process.env.PULUMI_VERSION + "/bin";
     mkdirSync(bin, { recursive: true });
     writeFileSync(bin + "/pulumi", "#!/bin/sh\\n", { mode: 0o755 });
     ${breaks ? 'console.error("curl: (56) reset"); process.exit(1);' : ""}
     console.log("v" + process.env.PULUMI_VERSION);`,
  );
  return file;
}

describe("downloadCli", () => {
  it("lays what the npm package downloads where that package looks for it", async () => {
    const [home, url] = [await aFolder(), await answering(200)];
    const { say, lines } = aListener();
    const wrapper = await aWrapper(home);
    const result = await downloadCli({ home, version: VERSION, env: process.env, say, url, wrapper });
    const bin = join(home, "versions", VERSION, "bin", "pulumi");
    expect(result).toEqual({ bin });
    expect(await readFile(bin, "utf8")).toBe("#!/bin/sh\n");
    expect(await readdir(join(home, "versions"))).toEqual([VERSION]);
    expect(lines).toEqual(["Downloading the Pulumi CLI 3.259.0"]);
  });

  it("leaves nothing of a download that failed, and says why it did", async () => {
    const [home, url] = [await aFolder(), await answering(200)];
    const wrapper = await aWrapper(home, { breaks: true });
    const result = await downloadCli({
      home,
      version: VERSION,
      env: process.env,
      say: () => {},
      url,
      wrapper,
    });
    expect(result).toEqual({ why: "the download failed: curl: (56) reset" });
    expect(await readdir(join(home, "versions"))).toEqual([]);
  });

  it("does not begin where the host refuses", async () => {
    const [home, url] = [await aFolder(), await answering(403)];
    const result = await downloadCli({ home, version: VERSION, env: process.env, say: () => {}, url });
    expect(result).toEqual({ why: expect.stringMatching(/^127\.0\.0\.1:\d+ answered HTTP 403$/) });
    expect(existsSync(join(home, "versions"))).toBe(false);
  });
});

describe("whyUnreachable", () => {
  it("gives up on a host that says nothing", async () => {
    const url = await listening(createSocketServer(() => {}));
    expect(await whyUnreachable(url, 100)).toMatch(/did not answer within 0.1 seconds$/);
  });

  it("names the system's reason when there is no connection", async () => {
    const server = createSocketServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await whyUnreachable(url)).toMatch(/cannot be reached \(ECONNREFUSED\)$/);
  });
});
