import { describe, expect, it } from "vitest";
import { isOwn, tagsFor } from "../../../infra/azure/tags.ts";

const owner = { project: "propiq-cache", stack: "prod" };

describe("the tags of what we make", () => {
  it("hold the stack's own tags and ours, and ours cannot be overwritten", () => {
    const tags = tagsFor(owner, { team: "web", "Managed-By": "hand", "propiq-cache-stack": "x" });
    expect(tags).toEqual({
      team: "web",
      "managed-by": "propiq-cache",
      "propiq-cache-project": "propiq-cache",
      "propiq-cache-stack": "prod",
    });
  });

  it("distinguish our own resources from others, whatever the letter case in which Azure returns the names", () => {
    const upper = Object.entries(tagsFor(owner)).map(([name, value]) => [name.toUpperCase(), value]);
    expect(isOwn(tagsFor(owner, { team: "web" }), owner)).toBe(true);
    expect(isOwn(Object.fromEntries(upper), owner)).toBe(true);
    expect(isOwn(tagsFor({ ...owner, stack: "dev" }), owner)).toBe(false);
    expect(isOwn(tagsFor({ ...owner, project: "other" }), owner)).toBe(false);
    expect(isOwn({ team: "web" }, owner)).toBe(false);
    expect(isOwn(undefined, owner)).toBe(false);
  });
});
