import { describe, expect, it } from "vitest";
import {
  deploysConfig,
  handlingOf,
  meansSelectedStack,
  parsePulumiArguments,
  printsLog,
  withLocalConfig,
} from "../../../operations/stacks/pulumi-arguments.ts";

const parse = (line: string) => parsePulumiArguments(line.split(" "));
const local = { configFile: "F", project: "P" };
const given = (line: string) => withLocalConfig(line.split(" "), handlingOf(parse(line)), local).join(" ");

describe("the words for Pulumi", () => {
  it.each([
    ["preview --stack dev", "dev"],
    ["preview -s dev --diff", "dev"],
    ["--stack=dev up", "dev"],
    ["stack init dev --no-select", "dev"],
    ["stack rm organization/propiq-cache/dev", "dev"],
    ["stack migrate file://./.propiq prod --yes", "prod"],
    ["config set port 6380 --stack dev", "dev"],
    ["--color never up --stack native", "native"],
    ["up -- --stack dev", undefined],
    ["up", undefined],
    ["config set dev 1", undefined],
  ])("%s name the stack %s", (line, stack) => {
    expect(parse(line).stack).toBe(stack);
  });

  it.each([
    ["up", true],
    ["import --stack prod", true],
    ["stack --stack prod", true],
    ["stack history", true],
    ["stack history --json", false],
    ["stack output", false],
    ["stack export", false],
    ["config get port", false],
  ])("%s: the output is for people, and made safe for a pipeline: %s", (line, isLog) => {
    expect(printsLog(parse(line), line.split(" "))).toBe(isLog);
  });

  it.each([
    ["up", true],
    ["stack output", true],
    ["config set port 1", true],
    ["up --stack dev", false],
    ["stack ls", false],
    ["about", false],
  ])("%s: the selected stack is meant: %s", (line, meant) => {
    expect(meansSelectedStack(parse(line))).toBe(meant);
  });

  it.each([
    ["up --stack dev", true],
    ["preview --stack dev --config-file x.yaml", true],
    ["preview --stack dev -c plan=native", false],
    ["up --help", false],
    ["destroy --stack dev", false],
    ["config set plan x --stack dev", false],
  ])("%s deploy what a config file says: %s", (line, deploys) => {
    expect(deploysConfig(parse(line), line.split(" "))).toBe(deploys);
  });

  it.each(["up --config-file x.yaml", "up --config-file=x.yaml"])("%s name a config file", (line) => {
    expect(parse(line).configFile).toBe("x.yaml");
  });

  it.each([
    ["preview --stack dev", "preview --stack dev --config-file F"],
    ["config set port 1 --stack dev", "config set port 1 --stack dev --config-file F"],
    ["config set port --stack dev -- -1", "config set port --stack dev --config-file F -- -1"],
    ["up --stack dev --config-file mine.yaml", "up --stack dev --config-file mine.yaml"],
    ["stack init dev", "-C P stack init dev"],
    ["stack export --stack dev --file out.json", "stack export --stack dev --file out.json"],
    ["about", "about"],
  ])("%s become %s for a local stack", (line, expected) => {
    expect(given(line)).toBe(expected);
  });
});
