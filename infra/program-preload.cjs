// Preloaded into the Pulumi program, before the SDK.
require("./compile-cache.cjs");
const { createRequire } = require("node:module");

// The SDK notes where each resource is made, through source maps that it reads for its own files, which takes a tenth
// of the program's time. Ours have none: Node strips types in place. The package is the SDK's own.
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
sdk("source-map-support").install({ overrideRetrieveSourceMap: true, retrieveSourceMap: () => null });
