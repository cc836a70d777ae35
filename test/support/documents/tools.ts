/**
 * Programs on a reader's PATH that stand in for those that cannot be had: small scripts that hand their words to
 * functions of the test, and print what those answer.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface ToolCall {
  words: readonly string[];
  cwd: string;
  home: string;
  /** Whether a user sits in front of it. */
  terminal: boolean;
  /** Variables of its environment that change what it means. */
  env: NodeJS.Dict<string>;
  /** What was typed or piped, where the answer before asked for it. */
  input?: string;
}
export interface ToolAnswer {
  code?: number;
  stdout?: string;
  stderr?: string;
  /** Asks for input, with these words where a user sits there: a line from them, else all that is piped. */
  ask?: string;
}
export type Tool = (call: ToolCall) => Promise<ToolAnswer> | ToolAnswer;

export interface Tools {
  /** Words of each call, in order: `az login`. */
  calls: readonly string[];
  stop(): Promise<void>;
}

export async function layTools(folder: string, tools: Readonly<Record<string, Tool>>): Promise<Tools> {
  const key = randomBytes(16).toString("hex");
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, given, name = ""] = (request.url ?? "").split("/");
    const tool = tools[name];
    if (given !== key || tool === undefined) throw new Error(`${request.url} is not known here`);
    const call = JSON.parse(Buffer.concat(chunks).toString()) as ToolCall;
    if (call.input === undefined) calls.push([name, ...call.words].join(" "));
    const answer = await Promise.resolve()
      .then(() => tool(call))
      .catch((error: unknown): ToolAnswer => ({ code: 70, stderr: `the stand-in: ${String(error)}\n` }));
    response.end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await mkdir(folder, { recursive: true });
  for (const name of Object.keys(tools))
    await writeFile(join(folder, name), script(`http://127.0.0.1:${port}/${key}/${name}`), { mode: 0o755 });
  return {
    calls,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function script(url: string): string {
  return `#!${process.execPath}
const { readFileSync } = require("node:fs");
const { request } = require("node:http");
const call = {
  words: process.argv.slice(2),
  cwd: process.cwd(),
  home: process.env.HOME,
  terminal: process.stdin.isTTY === true,
  env: { GH_REPO: process.env.GH_REPO },
};
function ask(call) {
  const asked = request(${JSON.stringify(url)}, { method: "POST" }, async (reply) => {
    let text = "";
    for await (const chunk of reply.setEncoding("utf8")) text += chunk;
    const { code = 0, stdout = "", stderr = "", ask: question } = JSON.parse(text);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    if (question === undefined) process.exitCode = code;
    else ask({ ...call, input: call.terminal ? line(question) : readFileSync(0, "utf8") });
  });
  asked.end(JSON.stringify(call));
}
function line(question) {
  process.stderr.write(question);
  const { openSync, readSync } = require("node:fs");
  const terminal = openSync("/dev/tty", "rs");
  const byte = Buffer.alloc(1);
  let text = "";
  while (readSync(terminal, byte, 0, 1) === 1 && byte[0] !== 10) text += byte.toString("latin1");
  return text.replace(/\\r$/, "");
}
ask(call);
`;
}
