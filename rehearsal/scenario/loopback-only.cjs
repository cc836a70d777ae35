// Preloaded into every Node program of a rehearsal: a connection that would leave this machine is refused and written
// down. A program that does so fails the rehearsal, whether or not the system would have let it out.
const { appendFileSync } = require("node:fs");
const { Socket, isIP } = require("node:net");
const dgram = require("node:dgram");

const file = process.env["PROPIQ_REHEARSAL_ATTEMPTS"];

const isLoopback = (host) =>
  host === undefined ||
  host === "" ||
  host === "localhost" ||
  (isIP(host) === 4 && host.startsWith("127.")) ||
  /^(::1|::ffff:127\.\d+\.\d+\.\d+)$/i.test(host);

function refused(host, port) {
  const where = `${host}:${port ?? ""}`;
  try {
    if (file !== undefined) appendFileSync(file, `${where}\n`);
  } catch {
    // The folder is already removed: the rehearsal has ended.
  }
  return Object.assign(new Error(`a rehearsal connects to nothing outside this machine: ${where}`), {
    code: "ECONNREFUSED",
    syscall: "connect",
  });
}

const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const options =
    typeof first === "object" && first !== null
      ? first
      : Number.isNaN(Number(first))
        ? { path: first }
        : { port: first, host: typeof second === "string" ? second : undefined };
  if (options.path || isLoopback(options.host)) return connect.apply(this, args);
  const error = refused(options.host, options.port);
  process.nextTick(() => this.destroy(error));
  return this;
};

const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) {
  const host = args.slice(1).find((arg) => typeof arg === "string");
  if (isLoopback(host)) return send.apply(this, args);
  const error = refused(host);
  const callback = args.at(-1);
  if (typeof callback === "function") process.nextTick(() => callback(error));
  else process.nextTick(() => this.emit("error", error));
  return undefined;
};
