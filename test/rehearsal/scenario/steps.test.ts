import { describe, expect, it } from "vitest";
import { type Command, commandLine, propiq } from "../../../base/command.ts";
import type { Plan } from "../../../infra/plans/catalogue.ts";
import { recoveryOf, stepsOf } from "../../../rehearsal/scenario/steps.ts";

const journey = (plans: readonly Plan[], given: { hasApps?: boolean; hasRotate?: boolean } = {}) =>
  stepsOf({ stack: "prod", first: "upstash-free", plans, hasApps: true, hasRotate: true, ...given });
const names = (...given: Parameters<typeof journey>) => journey(...given).map(({ name }) => name);

describe("the steps of a rehearsal", () => {
  it("are a stack's whole life", () => {
    expect(names(["upstash-free", "azure-c0", "azure-managed-b0"])).toEqual([
      "preflight",
      "up",
      "verify",
      "azure-c0",
      "azure-managed-b0",
      "back",
      "off",
      "on",
      "rotate",
      "destroy",
    ]);
  });

  it("deploy the stack's own plan first, whether or not it is listed", () => {
    expect(names(["azure-c0"])).toEqual(names(["upstash-free", "azure-c0"]));
    expect(names(["upstash-free"])).toEqual(["preflight", "up", "verify", "off", "on", "rotate", "destroy"]);
  });

  it("leave out what the project has no command for", () => {
    expect(names(["azure-c0"], { hasRotate: false })).not.toContain("rotate");
  });

  it("are commands that a user can type", () => {
    const lines = journey(["azure-c0"]).map(({ commands }) => commands.map(commandLine).join(" && "));
    expect(lines.slice(0, 4)).toEqual([
      "./propiq-cache preflight --stack prod",
      "./propiq-cache pulumi up --yes --stack prod",
      "./propiq-cache verify --stack prod --app",
      "./propiq-cache pulumi config set plan azure-c0 --stack prod && ./propiq-cache pulumi up --yes --stack prod",
    ]);
  });

  it("know which cache a change of plan deletes", () => {
    const changes = journey(["azure-c0", "azure-c1"]).filter(({ moment }) => moment === "plan");
    expect(changes.map(({ plan, previous }) => [previous, plan])).toEqual([
      ["upstash-free", "azure-c0"],
      ["azure-c0", "azure-c1"],
      ["azure-c1", "upstash-free"],
    ]);
  });
});

describe("the recovery", () => {
  it("is another update, and after a kill also the lock and what was being made", () => {
    const third = (commands: readonly Command[]) => commands.map(({ words }) => words[2]);
    const step = { moment: "up", commands: [] } as const;
    expect(third(recoveryOf("prod", step, false))).toEqual(["up"]);
    expect(third(recoveryOf("prod", step, true))).toEqual(["cancel", "refresh", "up"]);
  });

  it.each(["preflight", "destroy"] as const)("of %s is the same command again", (moment) => {
    const commands = [propiq(moment)];
    expect(recoveryOf("prod", { moment, commands }, false)).toBe(commands);
  });
});
