// Preloaded: makes this Node look like Node 20 to what is loaded after it.
const builtin = require("node:module");

builtin.enableCompileCache = undefined;
Object.defineProperty(process.features, "typescript", { value: undefined });
Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
