import { expect, it } from "vitest";
import { requireVerifiedTls } from "../../base/verified-tls.ts";
import { runCli } from "../support/cli.ts";

it("a variable that disables verification is removed and named", () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", OTHER: "1" };
  expect(requireVerifiedTls(env)).toMatch(/NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored/);
  expect(env).toEqual({ OTHER: "1" });
  expect(requireVerifiedTls({ NODE_TLS_REJECT_UNAUTHORIZED: "1" })).toBeUndefined();
});

it("the command line says once that it ignores the variable", async () => {
  const { stderr } = await runCli(["verify", "--deadline", "1"], {
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0", REDIS_URL: "redis://127.0.0.1:1" },
  });
  expect(stderr.match(/NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored/g)).toHaveLength(1);
});
