import { describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { propiq } from "../../../base/command.ts";
import { ArmError } from "../../../infra/azure/arm-error.ts";
import { nextStep } from "../../../infra/azure/next-step.ts";

const again = propiq("off", "--stack", "prod");
const text = (status: number | undefined, message = "") =>
  adviceText(
    nextStep(new ArmError(message, { code: "X", ...(status === undefined ? {} : { status }) }), again),
  );

describe("the next step after an error of Azure", () => {
  it.each([
    [401, /^Sign in again/],
    [403, /^The identity that signs in may not do .* Website Contributor/],
    [404, /^It does not exist/],
    [400, /^Azure refuses the request/],
    [409, /^Azure may be busy/],
    [429, /^Azure may be busy/],
    [500, /^Azure may be busy/],
    [undefined, /^Azure may be busy/],
  ])("of status %s ends in the command to repeat", (status, words) => {
    expect(text(status)).toMatch(words);
    expect(text(status)).toMatch(/\nRun: \.\/propiq-cache off --stack prod$/);
  });

  it("grants the role, to whom and where, as far as Azure names them", () => {
    const scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";
    const said = `The client 'c-1' does not have authorization to perform action 'Microsoft.Web/sites/config/write' over scope '${scope}'`;
    expect(text(403, said)).toContain(
      "az role assignment create --assignee c-1 --role 'Website Contributor' --scope /subscriptions/s/resourceGroups/g",
    );
    expect(text(403, said.replace("c-1", "x'; rm -rf ~"))).not.toContain("rm -rf");
  });
});
