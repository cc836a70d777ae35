import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import {
  optionVariables,
  runtimeOptions,
  splitWords,
} from "../../../toolchain/language-host/runtime-options.ts";

const optionsOf = (options: Record<string, struct.JavaScriptValue>) =>
  runtimeOptions(struct.Struct.fromJavaScript(options));

describe("runtimeOptions", () => {
  it("uses ts-node unless the options disable it, as Pulumi does", () => {
    expect(optionVariables(runtimeOptions(undefined))).toEqual({ PULUMI_NODEJS_TYPESCRIPT: "true" });
    expect(optionVariables(optionsOf({ typescript: false }))).toEqual({});
  });

  it("names the tsconfig", () => {
    expect(optionVariables(optionsOf({ typescript: false, tsconfig: "a.json" }))).toEqual({
      PULUMI_NODEJS_TSCONFIG_PATH: "a.json",
    });
  });

  it.each([
    [{ typescript: "yes" }, "typescript option must be a boolean"],
    [{ tsconfig: 1 }, "tsconfigpath option must be a string"],
    [{ nodeargs: true }, "nodeargs option must be a string"],
    [{ nodeargs: "--title='open" }, "nodeargs option has an open quote: --title='open"],
  ])("refuses %j in the words of Pulumi's own host", (options, message) => {
    expect(() => optionsOf(options)).toThrow(message);
  });
});

describe("splitWords", () => {
  it.each([
    ["", []],
    ["  --a   --b=c ", ["--a", "--b=c"]],
    ["--title='a b' \"c d\"", ["--title=a b", "c d"]],
    ['"say \\"hi\\"" back\\ slash', ['say "hi"', "back slash"]],
    ["--empty=''", ["--empty="]],
  ])("splits %j as a shell would", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});
