import { describe, expect, it } from "vitest";
import { advice, adviceText } from "../../base/advice.ts";
import { commandLine, program, propiq, pulumi, setConfig } from "../../base/command.ts";

describe("a command", () => {
  it("is typed with the launcher of the project's root", () => {
    expect(commandLine(propiq("verify", "--stack", "prod"))).toBe("./propiq-cache verify --stack prod");
  });

  it("quotes words that a shell would read otherwise", () => {
    expect(commandLine(setConfig("prod", "name", "it's a $name"))).toBe(
      `./propiq-cache pulumi config set name 'it'\\''s a $name' --stack prod`,
    );
    expect(commandLine(program("az", "webapp", "list", "--query", "[].name"))).toBe(
      "az webapp list --query '[].name'",
    );
  });
});

describe("advice", () => {
  it("says what to do, and then each command on a line of its own", () => {
    expect(adviceText(advice("The server is stopped.", propiq("dev")))).toBe(
      "The server is stopped.\nRun: ./propiq-cache dev",
    );
  });

  it("names the passphrase once where a command needs it, and never for local stacks", () => {
    const two = advice("The key is dead.", pulumi("prod", "refresh"), pulumi("prod", "up"));
    expect(adviceText(two).match(/PULUMI_CONFIG_PASSPHRASE/g)).toHaveLength(1);
    expect(adviceText(advice("", pulumi("dev", "up")))).toBe("Run: ./propiq-cache pulumi up --stack dev");
  });
});
