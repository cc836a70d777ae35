import { describe, expect, it } from "vitest";
import { advice } from "../../../base/advice.ts";
import { program } from "../../../base/command.ts";
import { reportOf } from "../../../operations/preflight/finding.ts";
import { renderPreflight } from "../../../operations/preflight/text.ts";

const pass = { id: "config", status: "pass", words: "it makes sense" } as const;
const TAGS = Array.from({ length: 40 }, (_, index) => `tag${index}=value`);
const fail = {
  id: "app",
  status: "fail",
  words: "There is no app.",
  advice: advice("Create it.", program("az", "webapp", "create", "--tags", ...TAGS)),
} as const;

describe("a preflight in text", () => {
  it("says first what prevents the deploy, and breaks no command", () => {
    const lines = renderPreflight(reportOf("prod", "azure-c0", [pass, fail]), 60).split("\n");
    expect(lines[0]).toBe("✘ not ready  stack prod, plan azure-c0");
    expect(lines.indexOf("✘ There is no app.")).toBeLessThan(lines.indexOf("✔ it makes sense"));
    expect(lines).toContain("    Create it.");
    expect(lines).toContain(`    Run: az webapp create --tags ${TAGS.join(" ")}`);
    expect(lines.join("\n")).not.toMatch(/Next:|undefined/);
  });

  it.each([
    ["docker", "dev", "Next: ./propiq-cache dev"],
    ["azure-c0", "prod", "Next: ./propiq-cache pulumi preview --stack prod"],
  ])("says for plan %s what comes next", (plan, stack, next) => {
    expect(renderPreflight(reportOf(stack, plan, [pass]), 100)).toMatch(new RegExp(`\n${next}\n$`));
  });
});
