/** Where the servers of plan `native` live, relative to the project's root. */

/** One folder for each port, so that a second server can be proven before the first one ends. */
export function nativeFolder(server: { stack: string; name: string; port: number }): string {
  return `${nativeFolders(server.stack)}/${server.name}-${server.port}`;
}

/** The folder of all servers of a stack. */
export function nativeFolders(stack: string): string {
  return `.propiq/redis/${stack}`;
}
