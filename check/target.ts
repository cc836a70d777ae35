/** Where a cache is and how to get in: all that a check, or a client, needs to know. */
export interface Target {
  host: string;
  port: number;
  tls: boolean;
  db: number;
  /** Absent means Redis's default user. */
  username?: string;
  /** Absent means that the server asks for none. */
  password?: string;
}

/** `host:port` as people write it; IPv6 addresses in brackets. */
export function endpointOf(target: Pick<Target, "host" | "port">): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${host}:${target.port}`;
}

/** What no report may show. A user without a password is mostly a password in the wrong place: `rediss://KEY@host`. */
export function secretsOf(target: Target | undefined): string[] {
  const secret = target?.password ?? target?.username;
  return secret === undefined ? [] : [secret];
}
