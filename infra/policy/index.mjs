// Pulumi runs a pack's entry under ts-node; what an ES module imports, Node takes as it is.
import "./pack.ts";
