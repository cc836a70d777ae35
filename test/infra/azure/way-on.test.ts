import { describe, expect, it } from "vitest";
import { ArmError } from "../../../infra/azure/arm-error.ts";
import { wayOn } from "../../../infra/azure/way-on.ts";

const again = "./propiq-cache off --stack prod";
const way = (status: number | undefined, message = "") =>
  wayOn(new ArmError(message, { code: "X", ...(status === undefined ? {} : { status }) }), again);

describe("the way on after an answer of Azure", () => {
  it.each([
    [401, /^Sign in again/],
    [403, /^The identity that signs in may not do .* Website Contributor/],
    [404, /^It is not there \(any more\)/],
    [400, /^Azure does not take the request as it is/],
    [409, /^Azure may only be busy/],
    [429, /^Azure may only be busy/],
    [500, /^Azure may only be busy/],
    [undefined, /^Azure may only be busy/],
  ])("of status %s ends in the command to repeat", (status, words) => {
    expect(way(status)).toMatch(words);
    expect(way(status).endsWith(again)).toBe(true);
  });

  it("gives the role, for whom, and where, as far as Azure names them", () => {
    const scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";
    const said = `The client 'c-1' does not have authorization to perform action 'Microsoft.Web/sites/config/write' over scope '${scope}'`;
    expect(way(403, said)).toContain(
      "az role assignment create --assignee 'c-1' --role 'Website Contributor' --scope '/subscriptions/s/resourceGroups/g'",
    );
    expect(way(403, said.replace("c-1", "x'; rm -rf ~"))).not.toContain("rm -rf");
  });
});
