/** Computes the approval of a stack as it is now. */
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { type Approval, approvalOf } from "./approval.ts";
import { previewed, pulumi } from "./previewed.ts";

/** GitHub's name for the commit, and that of Azure Pipelines. */
export function commitOf(env: NodeJS.ProcessEnv): string {
  return env["GITHUB_SHA"] ?? env["BUILD_SOURCEVERSION"] ?? "";
}

/**
 * @param policies whether the exit code speaks for the policy pack too
 * @throws PropiqError if the state cannot be read
 */
export async function approvable(
  stack: string,
  policies: "policies" | "no policies",
): Promise<{ approval: Approval; exitCode: number }> {
  const { change, exitCode } = await previewed(stack, policies);
  const exported = await pulumi("stack", "export", "--stack", stack);
  if (exported.exitCode !== 0) {
    throw new PropiqError(`The state of stack ${stack} could not be read: ${exported.messages.trim()}`, {
      code: "STATE_UNREADABLE",
      next: advice("The message above is from Pulumi."),
    });
  }
  const { deployment } = JSON.parse(exported.output) as { deployment?: unknown };
  return { approval: approvalOf({ stack, commit: commitOf(process.env), deployment, change }), exitCode };
}
