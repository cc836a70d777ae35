// Preloaded into the Pulumi program, before the SDK.

// A plain Pulumi CLI starts the program with the first `node` of PATH, which may be too old for TypeScript.
if (!process.features.typescript) {
  console.error(
    `The program of this project is TypeScript, which Node ${process.versions.node} cannot run. Use the project's own Node: ./propiq-cache pulumi instead of pulumi, or put Node 24 first in PATH.`,
  );
  // Pulumi's language host adds no words of its own to this exit code (`cmd/run/index.js` of the SDK).
  process.exit(32);
}

// As in base/verified-tls.ts, for an update that Pulumi's own CLI started.
if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  console.error("NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always verified.");
}

require("./compile-cache.cjs");
const { createRequire } = require("node:module");

// The SDK notes where each resource is made, through source maps that it reads for its own files, which takes a tenth
// of the program's time. Ours have none: Node strips types in place. The package is the SDK's own.
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
sdk("source-map-support").install({ overrideRetrieveSourceMap: true, retrieveSourceMap: () => null });
