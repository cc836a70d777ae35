/** Certificates are always verified: tokens and passwords go over these connections. */

/**
 * Removes `NODE_TLS_REJECT_UNAUTHORIZED=0` from this process and its children, for `fetch` and every library.
 * @returns what to say to the user, where the variable was set
 */
export function requireVerifiedTls(
  env: Record<string, string | undefined> = process.env,
): string | undefined {
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return undefined;
  delete env["NODE_TLS_REJECT_UNAUTHORIZED"];
  return "NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always verified. To trust an authority of your own, set NODE_EXTRA_CA_CERTS to its file.";
}
