import { expect, it } from "vitest";
import { type Failure, wayBack } from "../../../scripts/ci/back.ts";

const failure = (over: Partial<Failure> = {}): string =>
  wayBack({
    stack: "prod",
    planBefore: "upstash-free",
    planNow: "azure-managed-b0",
    up: "success",
    verify: "failure",
    backend: "azblob://state?storage_account=a",
    commit: "0123456789abcdef",
    ...over,
  });

it("returns to the previous plan, users first", () => {
  const lines = failure().split("\n");
  const off = lines.indexOf("./propiq-cache off --stack prod");
  const back = lines.indexOf(
    "./propiq-cache pulumi config set plan upstash-free --stack prod && ./propiq-cache pulumi up --stack prod",
  );
  expect(off).toBeGreaterThan(0);
  expect(back).toBeGreaterThan(off);
  expect(lines).toContain("read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE");
});

it("reverts the commit where the plan is the same", () => {
  const words = failure({ planNow: "upstash-free" });
  expect(words).toContain("git revert --no-edit 0123456789ab && git push");
  expect(words).not.toContain("config set plan");
});

it("deletes a first deploy", () => {
  expect(failure({ planBefore: undefined })).toContain("./propiq-cache pulumi destroy --stack prod");
});

it("has nothing to revert where nothing was changed", () => {
  const words = failure({ up: "skipped", verify: "skipped" });
  expect(words).toContain("Nothing was changed");
  expect(words).not.toContain("npx");
});

it("recovers an update that did not end", () => {
  const words = failure({ up: "failure", verify: "skipped" });
  expect(words.split("\n")).toContain("./propiq-cache repair --stack prod");
  expect(words).not.toContain("propiq-cache off");
});

it("shows no back end that may hold a password", () => {
  const words = failure({ backend: "postgres://me:secret@db/state" });
  expect(words).not.toContain("secret");
  expect(words).toContain("export PULUMI_BACKEND_URL='YOUR_STATE_URL'");
});
