/** The ways on when a local cache's port is somebody else's, the same for every local plan. */

/** @param stack the stack whose cache was to listen there */
export function waysAroundPort(port: number, stack: string): string {
  const set = "./propiq-cache pulumi config set";
  return [
    `Take another port: ${set} port ${port === 65_535 ? port - 1 : port + 1} --stack ${stack}`,
    "or, if a Redis runs there, use that one:",
    `  ${set} plan external --stack ${stack}`,
    `  ${set} --secret url redis://127.0.0.1:${port}/0 --stack ${stack}`,
    `or find who listens there: lsof -i :${port}`,
  ].join("\n");
}
