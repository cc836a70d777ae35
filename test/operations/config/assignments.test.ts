import { describe, expect, it } from "vitest";
import { assignmentsIn, pathInWords, removalsIn } from "../../../operations/config/assignments.ts";

describe("KEY=VALUE", () => {
  it.each<[string, readonly (string | number)[], unknown]>([
    ["plan=azure-c0", ["plan"], "azure-c0"],
    ["propiq-cache:plan=azure-c0", ["plan"], "azure-c0"],
    ["standby[0]=upstash-free", ["standby", 0], "upstash-free"],
    ["app[1].name=shop", ["app", 1, "name"], "shop"],
    ["azure.createResourceGroup=true", ["azure", "createResourceGroup"], true],
    ["ttl.short=60", ["ttl", "short"], 60],
    ["port=1e3", ["port"], "1e3"],
    ["port=0600", ["port"], "0600"],
    ['alerts={"emails":["a@b.example"]}', ["alerts"], { emails: ["a@b.example"] }],
    ["azure.tags.note=a=b", ["azure", "tags", "note"], "a=b"],
  ])("%s", (word, path, value) => {
    expect(assignmentsIn([word])).toEqual({ changes: [{ path, value }] });
  });

  it("takes one secret from standard input", () => {
    expect(assignmentsIn(["plan=external", "url=-"])).toEqual({
      changes: [{ path: ["plan"], value: "external" }],
      secretKey: "url",
    });
    expect(() => assignmentsIn(["url=-", "plan=-"])).toThrow("Only one value");
    expect(() => assignmentsIn(["azure.adopt=-"])).toThrow("Only a top-level key");
  });

  it.each(["plan", "=x", "a b=c", "standby[x]=y", "alerts={"])("refuses %s", (word) => {
    expect(() => assignmentsIn([word])).toThrow();
  });

  it("does not repeat what may be a password", () => {
    expect(() => assignmentsIn(["redis://:hunter2@host"])).toThrow(/^An argument is not KEY=VALUE/);
  });
});

it("a path reads as it was written", () => {
  const [change] = removalsIn(["app[0].healthUrl"]);
  expect(change && pathInWords(change.path)).toBe("app[0].healthUrl");
});
