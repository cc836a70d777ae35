/** The URL of a cache, written and read. */
import type { Target } from "../../check/target.ts";

/**
 * The URL of a cache in the one form that redis-py and ioredis read alike: password percent-encoded, no user name
 * unless there is one, the database always written, and with TLS the query that makes redis-py verify
 * (it means nothing to ioredis, which always does; on a plain URL redis-py refuses it).
 */
export function redisUrl(target: Target): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const { username, password } = target;
  const user = username === undefined ? "" : encoded(username);
  const secret = password === undefined ? "" : `:${encoded(password)}`;
  const login = user + secret === "" ? "" : `${user}${secret}@`;
  const scheme = target.tls ? "rediss" : "redis";
  const query = target.tls ? "?ssl_cert_reqs=required" : "";
  return `${scheme}://${login}${host}:${target.port}/${target.db}${query}`;
}

/** Also what a shell takes for more than itself: the URL stands unquoted in env files. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Says why a text is not a Redis URL. The message never repeats the text, which may hold a password. */
export class UrlError extends Error {
  override readonly name = "UrlError";
}

/**
 * Reads a Redis URL as both clients do. Query parameters are ignored: ioredis would take them for options.
 * @throws UrlError with words that follow the key's name, as in "must be …"
 */
export function parseRedisUrl(text: string): Target {
  const match = /^(rediss?):\/\/(?=[^/?#\\])/i.exec(text.trim());
  if (!match) {
    throw new UrlError(
      /^rediss?:\/\//i.test(text.trim())
        ? "must name a host behind redis:// or rediss:// (the path of a socket is not a host)"
        : "must start with redis:// or rediss:// (with TLS)",
    );
  }
  let url: URL;
  let username: string;
  let password: string;
  try {
    // URL checks "http" in full. For a scheme that it does not know it accepts an empty host and any port.
    url = new URL(text.trim().replace(/^rediss?:/i, "http:"));
    username = decodeURIComponent(url.username);
    password = decodeURIComponent(url.password);
  } catch {
    throw new UrlError(
      "must be a URL like rediss://:password@host:6380/0, the password percent-encoded and the port from 1 to 65535",
    );
  }
  if ((url.search + url.hash).includes("@") || url.searchParams.has("password")) {
    throw new UrlError("must have its password before the host, percent-encoded");
  }
  const tls = match[1]?.toLowerCase() === "rediss";
  const db = databaseOf(url.pathname);
  const port = portOf(text.trim(), url);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    tls,
    db,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
}

function databaseOf(path: string): number {
  if (path === "" || path === "/") return 0;
  if (!/^\/\d{1,5}$/.test(path))
    throw new UrlError("must end in /N, the number of the database (usually /0), or without one");
  return Number(path.slice(1));
}

function portOf(text: string, url: URL): number {
  // URL drops 80, the default port of "http", so only the text shows it.
  const port = url.port === "" ? (/:80(?:[/?#]|$)/.test(text.slice(8)) ? 80 : 6379) : Number(url.port);
  if (port < 1) throw new UrlError("must have a port from 1 to 65535");
  return port;
}
