import { describe, expect, it } from "vitest";
import { readYaml, readYamlAsWritten, writeYaml, YamlError } from "../../base/yaml.ts";

describe("a YAML text", () => {
  it.each(["", "\n\n", "# only a comment\n", "---\n"])("is null where nothing stands in it: %j", (text) => {
    expect(readYaml(text)).toBeNull();
  });

  it("has typed values", () => {
    expect(readYaml("port: 1e3\nlist: [1, true, ~, yes]\n")).toEqual({
      port: 1000,
      list: [1, true, null, "yes"],
    });
  });

  it("has its scalars as they are written, if asked", () => {
    expect(readYamlAsWritten('port: 1e3\nhex: 0x1900\nlist: [1, true, ~]\ntext: "6380"\nnone:\n')).toEqual({
      port: "1e3",
      hex: "0x1900",
      list: ["1", "true", "~"],
      text: "6380",
      none: "",
    });
  });

  it.each([
    ["a: 1\na: 2\n", "duplicated mapping key at line 2, column 1"],
    ["a: 1\n---\nb: 2\n", "it holds several documents"],
    ["a: secret: b\n", "bad indentation of a mapping entry at line 1, column 10"],
  ])("that is wrong is refused with the reason and the place: %j", (text, message) => {
    expect(() => readYaml(text)).toThrow(new YamlError(message));
  });

  it("is read back as it was written, also where older YAML has other types", () => {
    const value = {
      config: { port: "6380", on: "yes", date: "2020-01-01", long: "x ".repeat(100), none: "" },
    };
    expect(readYaml(writeYaml(value))).toEqual(value);
    expect(writeYaml(value)).toContain("'on': 'yes'");
  });
});
