/**
 * A machine whose DNS server takes questions and never answers: a network and a resolv.conf of its own, which needs
 * no rights, but a Linux that allows user namespaces.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const NAMESPACES = ["unshare", "-rmn"];

/** A socket that is bound: without it, questions would be refused at once. */
const SERVER = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.bind(53, "127.0.0.1", () => console.log("bound"));
`;

/** A command line that runs the words behind it there, once the server is bound. */
const SCRIPT = `
  ip link set lo up && mount --bind "$0/resolv.conf" /etc/resolv.conf || exit 99
  mkfifo "$0/bound.$$" && "$NODE" --eval "$SERVER" > "$0/bound.$$" & server=$!
  while [ ! -p "$0/bound.$$" ]; do sleep 0.01; done; read -r _ < "$0/bound.$$"
  env -u NODE -u SERVER "$@"; code=$?
  kill $server; exit $code`;

export interface SilentDns {
  /** To be put before a command line. */
  within: readonly string[];
  remove(): Promise<void>;
}

export async function canSilenceDns(): Promise<boolean> {
  const [program = "", ...args] = [...NAMESPACES, "ip", "link"];
  return await promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

export async function silentDns(): Promise<SilentDns> {
  const folder = await mkdtemp(join(tmpdir(), "silent-dns-"));
  await writeFile(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
  const env = [`NODE=${process.execPath}`, `SERVER=${SERVER}`];
  return {
    within: ["env", ...env, ...NAMESPACES, "sh", "-c", SCRIPT, folder],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
