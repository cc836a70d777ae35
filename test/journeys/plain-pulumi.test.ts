/** A Pulumi user: types `pulumi`, without the launcher. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
const env = { PULUMI_CONFIG_PASSPHRASE: "mine" };
beforeAll(async () => {
  project = await makeProject();
  const init = await project.program("pulumi", ["stack", "init", "native", "--non-interactive"], { env });
  expect(init.code, init.all).toBe(0);
});
afterAll(() => project.remove());

describe("plain pulumi", () => {
  it("previews a stack without alerts, and without a warning", async () => {
    const preview = await project.program("pulumi", ["preview", "--stack", "native"], { env });
    expect(preview.code, preview.all).toBe(0);
    expect(preview.all).toContain("endpoint");
    expect(preview.all).not.toMatch(/warning|dashboard/);
  });

  it("deploys a cache without a secret, and warns of no output", async () => {
    await project.configure("native", { port: String(await freePort()) });
    const up = await project.program("pulumi", ["up", "--yes", "--skip-preview", "--stack", "native"], {
      env,
    });
    expect(up.code, up.all).toBe(0);
    expect(up.all).not.toContain("will not show as a stack output");
    const destroy = await project.program("pulumi", ["destroy", "--yes", "--stack", "native"], { env });
    expect(destroy.code, destroy.all).toBe(0);
  });

  it("says in one line what to do where its Node is too old for TypeScript", async () => {
    const old = { NODE_OPTIONS: `--require ${join(PROJECT_ROOT, "test", "support", "old-node.cjs")}` };
    const preview = await project.program("pulumi", ["preview", "--stack", "native"], {
      env: { ...env, ...old },
    });
    expect(preview.code).not.toBe(0);
    expect(preview.all).toContain("./propiq-cache pulumi instead of pulumi");
    expect(preview.all).not.toMatch(/TypeError|\n\s+at /);
  });
});
