import { describe, expect, it } from "vitest";
import { rangeOf } from "../../../../infra/caches/azure/ranges.ts";

describe("an allowed address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7", "203.0.113.7"],
    ["203.0.113.7/32", "203.0.113.7", "203.0.113.7"],
    ["203.0.113.77/24", "203.0.113.0", "203.0.113.255"],
    ["10.0.0.0/8", "10.0.0.0", "10.255.255.255"],
    ["192.168.5.130/25", "192.168.5.128", "192.168.5.255"],
    ["0.0.0.0/0", "0.0.0.0", "255.255.255.255"],
    ["128.0.0.0/1", "128.0.0.0", "255.255.255.255"],
  ])("%s is the range from %s to %s", (text, startIP, endIP) => {
    expect(rangeOf(text)).toMatchObject({ startIP, endIP });
  });

  it("has a name of letters, digits and underscores, another one for another range", () => {
    expect(rangeOf("203.0.113.0/24").name).toBe("allow_203_0_113_0_24");
    expect(rangeOf("203.0.113.0").name).not.toBe(rangeOf("203.0.113.0/24").name);
  });
});
