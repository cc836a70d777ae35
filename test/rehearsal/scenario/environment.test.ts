import { describe, expect, it } from "vitest";
import {
  appEnvironment,
  basicEnvironment,
  commandEnvironment,
} from "../../../rehearsal/scenario/environment.ts";

const SHELL = {
  ...{ PATH: "/usr/bin", LANG: "C.UTF-8", HOME: "/home/me" },
  ...{ ARM_CLIENT_SECRET: "real", AZURE_CLIENT_SECRET: "real", UPSTASH_API_KEY: "real" },
  ...{ PULUMI_ACCESS_TOKEN: "real", PULUMI_CONFIG_PASSPHRASE: "real", AWS_SECRET_ACCESS_KEY: "real" },
  ...{ REDIS_URL: "redis://:real@example.com", HTTPS_PROXY: "http://real:3128", NODE_OPTIONS: "--real" },
};
const basic = basicEnvironment({
  ...{ env: SHELL, folder: "/tmp/r", marker: "propiq-1", cliFolder: "/opt/pulumi" },
  ...{ attempts: "/tmp/r/attempts", hook: '/home/me/a "project"/hook.cjs' },
});
const command = commandEnvironment(basic, {
  ...{ pulumiHome: "/tmp/r/home/.pulumi", passphrase: "made up", caFile: "/tmp/ca.pem" },
  ...{ clouds: { ARM_CLIENT_SECRET: "emulated" }, proxy: "http://127.0.0.1:1" },
});

describe("the environment of a rehearsal", () => {
  it("holds no credential of the shell", () => {
    expect(JSON.stringify(command)).not.toContain("real");
    expect(command).toMatchObject({ ARM_CLIENT_SECRET: "emulated", PULUMI_CONFIG_PASSPHRASE: "made up" });
  });

  it("keeps what is not about accounts, and has home and temporary files in its own folder", () => {
    expect(basic).toMatchObject({ LANG: "C.UTF-8", HOME: "/tmp/r/home", TMPDIR: "/tmp/r/tmp" });
    expect(basic["PATH"]).toBe("/opt/pulumi:/usr/bin");
  });

  it("has every Node program refuse other machines, wherever the project lies", () => {
    expect(command["NODE_OPTIONS"]).toBe('--require "/home/me/a \\"project\\"/hook.cjs"');
  });

  it("gives the team's app its own shell's variables, without a cache and without accounts to deploy with", () => {
    const app = appEnvironment({ ...SHELL, VIRTUAL_ENV: "/venv" }, "propiq-1", "/tmp/all.pem");
    expect(app).toMatchObject({ VIRTUAL_ENV: "/venv", HOME: "/home/me", SSL_CERT_FILE: "/tmp/all.pem" });
    for (const name of [
      "REDIS_URL",
      "ARM_CLIENT_SECRET",
      "UPSTASH_API_KEY",
      "PULUMI_ACCESS_TOKEN",
      "NODE_OPTIONS",
    ])
      expect(app).not.toHaveProperty(name);
  });
});
