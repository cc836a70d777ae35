import { describe, expect, it } from "vitest";
import { changes, misshapen } from "../../../../infra/provider/protocol/inputs.ts";
import { decode, encode, holdsUnknown, UNKNOWN } from "../../../../infra/provider/protocol/values.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("properties on the wire", () => {
  it("are returned as they were sent, with their secrets", () => {
    const values = { a: "x", b: 2, c: true, d: null, e: ["y", { f: "z" }] };
    expect(decode(encode(values, new Set(["a", "e"])))).toEqual({ values, secrets: new Set(["a", "e"]) });
  });

  it("keep a property secret as a whole when anything inside it is", () => {
    const wire = encode({ plain: "x", deep: { list: ["a", secret("b")] as never } }, new Set());
    expect(decode(wire)).toEqual({
      values: { plain: "x", deep: { list: ["a", "b"] } },
      secrets: new Set(["deep"]),
    });
  });

  it("say what is not known yet, inside a secret too", () => {
    const wire = encode({ later: UNKNOWN, hidden: { key: UNKNOWN } }, new Set(["hidden"]));
    const { values } = decode(wire);
    expect(values).toEqual({ later: UNKNOWN, hidden: { key: UNKNOWN } });
    expect(holdsUnknown(values)).toBe(true);
    expect(holdsUnknown({ a: ["b"] })).toBe(false);
  });

  it("leave out what is undefined", () => {
    expect(decode(encode({ a: undefined, b: "x" }, new Set())).values).toEqual({ b: "x" });
  });
});

describe("inputs", () => {
  const shape = { path: "string", port: "number", settings: "object", limit: "number?" };
  const good = { path: "x", port: 1, settings: { a: "b" } };

  it("pass when they have their kinds, unknown ones too", () => {
    expect(misshapen(good, shape)).toEqual([]);
    expect(misshapen({ ...good, port: UNKNOWN, limit: 3 }, shape)).toEqual([]);
  });

  it.each([
    [{ ...good, port: "1" }, "port", "must be of kind number"],
    [{ ...good, settings: ["a"] }, "settings", "must be of kind object"],
    [{ ...good, limit: "3" }, "limit", "must be of kind number"],
    [{ ...good, prot: 1 }, "prot", "is not an input; allowed: path, port, settings, limit"],
    [{ port: 1, settings: {} }, "path", "is missing"],
  ])("are refused: %j for %s", (inputs, property, reason) => {
    expect(misshapen(inputs, shape)).toEqual([{ property, reason }]);
  });

  it("differ by key, at any depth", () => {
    const before = { path: "x", settings: { a: "1", b: "2", gone: "3" } };
    const after = { path: "x", settings: { a: "1", b: "other", come: "4" }, limit: 1 };
    expect(Object.fromEntries(changes(before, after))).toEqual({
      "settings.b": "update",
      "settings.gone": "delete",
      "settings.come": "add",
      limit: "add",
    });
  });

  it("differ where they are not known yet", () => {
    expect([...changes({ a: "1" }, { a: UNKNOWN }).keys()]).toEqual(["a"]);
  });
});
